-- A roll's entries stand together: they are written together, and a school's report reads them by its rolls. Of a pupil
-- they are found by (pupil_id, on_date), as before.
ALTER TABLE diary_presences DROP CONSTRAINT diary_presences_pkey, ADD PRIMARY KEY (lesson_id, pupil_id);
