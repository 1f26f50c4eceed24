using Npgsql;

namespace Sessions.Run.Supervision;

/// <summary>
/// The readers' passwords in the form that psql reads, so that a printed <c>psql</c> line needs none. Only the file's owner
/// may read it; psql accepts no other.
/// </summary>
internal static class PasswordFile
{
    /// <summary>Writes the file and returns its path.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="readers">The readers' connection strings.</param>
    public static string Write(string directory, IEnumerable<string> readers)
    {
        string path = Path.Combine(Path.GetFullPath(directory), "readers.pgpass");
        PrivateFile.Write(path, string.Concat(readers.Select(Line)));
        return path;
    }

    // host:port:database:user:password; a star stands for anything.
    private static string Line(string reader)
    {
        NpgsqlConnectionStringBuilder parsed = new(reader);
        return $"*:*:*:{Escaped(parsed.Username)}:{Escaped(parsed.Password)}\n";
    }

    private static string Escaped(string? text) =>
        (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
