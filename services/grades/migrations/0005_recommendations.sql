-- What a teacher advises with a mark, sealed; box, event and path say where.
ALTER TABLE marks ADD COLUMN recommendation jsonb;
ALTER TABLE drafts ADD COLUMN recommendation jsonb;
