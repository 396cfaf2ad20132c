-- What paper stands beside an announced absence; its bytes are in the event.
ALTER TABLE absences ADD COLUMN paper text;
