-- Bells of single days, days without lessons of some groups only, timetables that go by the days of a cycle.
CREATE TABLE timetable_day_bells (
    school_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    starts text NOT NULL,
    ends text NOT NULL,
    PRIMARY KEY (school_id, on_date, number)
);
ALTER TABLE timetable_day_bells ENABLE ROW LEVEL SECURITY;
ALTER TABLE timetable_day_bells FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON timetable_day_bells TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON timetable_day_bells TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON timetable_day_bells TO {api}, {worker};
ALTER TABLE timetable_holidays ADD COLUMN groups uuid[] NOT NULL DEFAULT '{{}}';  -- none: the whole school's
ALTER TABLE timetables ADD COLUMN cycle jsonb;                                    -- none: by weekdays
ALTER TABLE timetable_slots ADD COLUMN day smallint;                              -- of the cycle
