-- By when what is missing is to be handed in; the mark of a retake; what counts after one by the school's rule.
ALTER TABLE marks ADD COLUMN due date;
ALTER TABLE drafts ADD COLUMN due date;
ALTER TABLE mark_changes ADD COLUMN retake text[] NOT NULL DEFAULT '{{}}';
ALTER TABLE rules ADD COLUMN retakes text NOT NULL DEFAULT 'replace';
-- tests of a day, in all groups of a school
CREATE INDEX ON works (on_date, kind) WHERE NOT removed;
