-- What a teacher advises with a mark.
ALTER TABLE diary_marks ADD COLUMN recommendation text;
