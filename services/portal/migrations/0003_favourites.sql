-- Pages that a person keeps at hand: addresses inside the application, no names.
CREATE TABLE favourites (
    person_id uuid PRIMARY KEY,
    addresses text[] NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON favourites TO {api};
