namespace Sessions.Web.UserSql;

/// <summary>Finds the word with which a statement begins.</summary>
internal static class SqlWords
{
    private static readonly string[] s_writing =
    [
        "alter", "analyze", "attach", "begin", "call", "checkpoint", "cluster", "comment", "commit", "copy", "create", "deallocate", "delete", "detach", "do", "drop", "execute", "export",
        "grant", "import", "insert", "install", "listen", "load", "lock", "merge", "notify", "pragma", "prepare", "refresh", "reindex", "reset", "revoke", "rollback", "savepoint", "set",
        "start", "truncate", "update", "use", "vacuum",
    ];

    /// <summary>The first word when the statement does something else than read; null when it reads.</summary>
    public static string? Writing(string statement)
    {
        ReadOnlySpan<char> rest = statement.AsSpan().TrimStart();
        while (rest.StartsWith("--", StringComparison.Ordinal) || rest.StartsWith("/*", StringComparison.Ordinal) || rest.StartsWith("(", StringComparison.Ordinal))
        {
            string end = rest[0] == '-' ? "\n" : rest[0] == '/' ? "*/" : "(";
            int at = rest.IndexOf(end, StringComparison.Ordinal);
            if (at < 0)
            {
                return null;
            }

            rest = rest[(at + end.Length)..].TrimStart();
        }

        int length = 0;
        while (length < rest.Length && char.IsAsciiLetter(rest[length]))
        {
            length++;
        }

        string word = rest[..length].ToString().ToLowerInvariant();
        return s_writing.Contains(word) ? word : null;
    }
}
