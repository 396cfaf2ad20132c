-- The class itself: who teaches it is the tutor of those who learn in it.
ALTER TABLE access_groups ADD COLUMN homeroom boolean NOT NULL DEFAULT false;
