import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./tokens.css";
import "./base.css";
import { App } from "./app";
import { begin } from "./i18n";

const root = createRoot(document.getElementById("root") as HTMLElement);
void begin().then(() =>
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
