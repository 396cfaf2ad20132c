import { act, read } from "./http";

export type Participant = { person_id: string; name: string };
export type Conversation = {
  conversation_id: string;
  subject: string;
  participants: Participant[];
  pupil_id: string | null;
  unread: number;
  last: { author_id: string; text: string; at: string } | null;
};
export type DeliveryState = "sent" | "delivered" | "seen" | "failed";
export type Message = {
  message_id: string;
  author_id: string;
  text: string;
  at: string;
  deliveries: { person_id: string; state: DeliveryState; at: string }[];
};
export type Thread = Omit<Conversation, "last" | "unread"> & { messages: Message[] };
export type NewConversation = {
  conversation_id: string;
  participants: string[];
  pupil_id?: string;
  subject: string;
  text: string;
  message_id: string;
};

export const conversations = () => read<{ conversations: Conversation[] }>("messaging", "/conversations");
export const thread = (id: string) => read<Thread>("messaging", `/conversations/${id}`);
export const open = (body: NewConversation, key: string) =>
  act({ method: "POST", service: "messaging", path: "/conversations", body, key });
export const write = (id: string, body: { message_id: string; text: string }, key: string) =>
  act({ method: "POST", service: "messaging", path: `/conversations/${id}/messages`, body, key });
export const seen = (id: string, message: string) =>
  act({ method: "POST", service: "messaging", path: `/conversations/${id}/seen`, body: { message_id: message } });
