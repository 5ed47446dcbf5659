module mcpgov/audit-slog

go 1.21
