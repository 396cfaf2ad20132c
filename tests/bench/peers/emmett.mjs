// Makes Emmett's own tables and functions in the database of the connection string that is given.
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

const store = getPostgreSQLEventStore(process.argv[2]);
await store.schema.migrate();
await store.close();
