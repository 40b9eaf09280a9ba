import { configure } from "@testing-library/react";

// As in development: what is not safe to begin twice shows in every test, and not only where somebody thought of it.
configure({ reactStrictMode: true });
