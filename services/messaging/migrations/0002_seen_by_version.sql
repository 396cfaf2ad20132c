-- How far one has read is a position and no time: clocks of two API processes differ.
ALTER TABLE participants ADD COLUMN seen_version int NOT NULL DEFAULT 0;
-- the owner is under row-level security like everyone else
CREATE POLICY owner ON participants TO CURRENT_USER USING (true);
CREATE POLICY owner ON messages TO CURRENT_USER USING (true);
UPDATE participants p SET seen_version = coalesce(
    (SELECT max(version) FROM messages m WHERE m.conversation_id = p.conversation_id AND m.at <= p.seen_up_to), 0);
DROP POLICY owner ON participants;
DROP POLICY owner ON messages;
ALTER TABLE participants DROP COLUMN seen_up_to;

-- Ids are made by clients: one used elsewhere must not be told of by a refusal.
ALTER TABLE messages DROP CONSTRAINT messages_pkey;
ALTER TABLE messages ADD PRIMARY KEY (conversation_id, message_id);
