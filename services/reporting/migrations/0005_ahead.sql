-- By when what is missing is to be handed in; columns that families do not see yet; what a pupil owes.
ALTER TABLE diary_marks ADD COLUMN due date;
ALTER TABLE diary_works ADD COLUMN draft boolean NOT NULL DEFAULT false;
CREATE INDEX ON diary_marks (pupil_id) WHERE 'missing' = ANY (given);
