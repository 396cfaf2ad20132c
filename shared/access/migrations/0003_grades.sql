-- The years of study that a group is meant for, as the district writes them.
ALTER TABLE access_groups ADD COLUMN grades text[] NOT NULL DEFAULT '{{}}';
