using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>
/// Writes a project's file from one snapshot of Postgres. The file is written beside its place; who calls moves it there.
/// </summary>
internal static class FileBuilder
{
    private const int RowsToSort = 200_000;

    /// <summary>The path at which a new file is written.</summary>
    public static string NewPath(string path) => path + ".new";

    /// <summary>Writes the file and returns the number of its events.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public static async Task<long> Build(
        SourceSnapshot source, string path, Guid holder, DuckLimits limits, Action<long>? progress, CancellationToken cancellation)
    {
        string target = NewPath(path), stage = path + ".stage";
        DuckFile.Delete(target);
        DuckFile.Delete(stage);
        try
        {
            using DuckFile file = DuckFile.Open(target, limits, isClosed: false);
            using DuckDBConnection duck = file.Connect();
            foreach (string statement in ColumnsSchema.CreateStatements.Concat(FileState.CreateStatements))
            {
                Sql.Run(duck, statement);
            }

            await Copy(source, SourceStatements.AllSessions, duck, "sessions", ColumnsSchema.Sessions, cancellation);
            await Copy(source, SourceStatements.Persons, duck, "persons", ColumnsSchema.Persons, cancellation);
            await CopyBehind(source, duck, cancellation);
            await CopyDays(source, duck, cancellation);
            Sql.Run(duck, $"ATTACH '{stage.Replace("'", "''", StringComparison.Ordinal)}' AS stage");
            long events = await EventStage.Copy(source, duck, progress, cancellation);
            Sql.Run(duck, "DETACH stage");
            StateOf(source.Mark, holder).Write(duck);
            Sql.Run(duck, "CHECKPOINT");
            return events;
        }
        catch
        {
            DuckFile.Delete(target);
            throw;
        }
        finally
        {
            DuckFile.Delete(stage);
        }
    }

    /// <summary>
    /// Writes a file anew from itself, sorted, without the bytes of removed rows. The file must be closed.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="limits">What DuckDB may take.</param>
    public static void Rewrite(string path, DuckLimits limits)
    {
        string target = NewPath(path);
        DuckFile.Delete(target);
        try
        {
            using DuckFile file = DuckFile.Open(target, limits, isClosed: false);
            using DuckDBConnection duck = file.Connect();
            foreach (string statement in ColumnsSchema.CreateStatements.Concat(FileState.CreateStatements))
            {
                Sql.Run(duck, statement);
            }

            Sql.Run(duck, $"ATTACH '{path.Replace("'", "''", StringComparison.Ordinal)}' AS old (READ_ONLY)");
            foreach (string table in (string[])["persons", "holding.behind", "holding.days", "holding.state"])
            {
                Sql.Run(duck, $"INSERT INTO {table} SELECT * FROM old.{(table.Contains('.', StringComparison.Ordinal) ? "" : "main.")}{table}");
            }

            CopySessions(duck);
            CopyEvents(duck);
            Sql.Run(duck, "DETACH old");
            FileState state = FileState.Read(duck)!;
            // Everything that the snapshot has seen is worked in.
            (state with { CleanFrom = state.Oldest, RemovedRows = 0, HasDeletions = false }).Write(duck);
            Sql.Run(duck, "CHECKPOINT");
        }
        catch
        {
            DuckFile.Delete(target);
            throw;
        }
    }

    /// <summary>
    /// Copies sessions by ranges of their starts: DuckDB sorts what fits into memory ten times as fast as what does not.
    /// </summary>
    private static void CopySessions(DuckDBConnection duck)
    {
        List<DateTime?> bounds = [null, .. Sql.List<DateTime>(
            duck,
            """
            SELECT DISTINCT start_timestamp
            FROM   (SELECT start_timestamp, row_number() OVER (ORDER BY start_timestamp) AS place FROM old.main.sessions)
            WHERE  place % $1 = 0
            ORDER  BY start_timestamp
            """,
            RowsToSort), null];
        for (int part = 0; part + 1 < bounds.Count; part++)
        {
            Sql.Run(
                duck,
                """
                INSERT INTO sessions
                SELECT * FROM old.main.sessions
                WHERE  start_timestamp >= coalesce($1::TIMESTAMPTZ, '-infinity') AND start_timestamp < coalesce($2::TIMESTAMPTZ, 'infinity')
                ORDER  BY start_timestamp
                """,
                Utc(bounds[part]),
                Utc(bounds[part + 1]));
        }

        static DateTimeOffset? Utc(DateTime? time) => time is { } some ? new DateTimeOffset(DateTime.SpecifyKind(some, DateTimeKind.Utc)) : null;
    }

    /// <summary>
    /// Copies events name by name. Those of a name are in the order of their times but for the latest ones, so they are not
    /// sorted. The rare names are few rows, which are.
    /// </summary>
    private static void CopyEvents(DuckDBConnection duck)
    {
        List<string> frequent = Sql.List<string>(
            duck, "SELECT event FROM old.main.events GROUP BY event HAVING count(*) >= $1 ORDER BY count(*) DESC, event LIMIT 256", RowsToSort / 10);
        foreach (string name in frequent.Order(StringComparer.Ordinal))
        {
            Sql.Run(duck, "INSERT INTO events SELECT * FROM old.main.events WHERE event = $1", name);
        }

        Sql.Run(
            duck,
            "INSERT INTO events SELECT * FROM old.main.events WHERE NOT list_contains($1, event) ORDER BY event, timestamp",
            frequent);
    }

    /// <summary>The state of a file that has the rows of a snapshot.</summary>
    private static FileState StateOf(SourceMark mark, Guid holder) => new()
    {
        Format = ColumnsSchema.Format,
        Holder = holder,
        System = mark.System,
        Timeline = mark.Timeline,
        Database = mark.Database,
        ProjectMade = mark.ProjectMade,
        Snapshot = mark.Snapshot,
        Oldest = mark.Oldest,
        Log = mark.Log,
        Identities = mark.Identities,
        CleanFrom = mark.Oldest,
    };

    private static async Task Copy(
        SourceSnapshot source, string statement, DuckDBConnection duck, string table, IReadOnlyList<TableColumn> columns, CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await source.Read(statement, cancellation);
        using DuckDBAppender appender = duck.CreateAppender(table);
        await RowCopy.All(reader, appender, columns, isWanted: null, cancellation);
    }

    private static async Task CopyBehind(SourceSnapshot source, DuckDBConnection duck, CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.AllBehind, cancellation);
        using DuckDBAppender appender = duck.CreateAppender("holding", "behind");
        while (await reader.ReadAsync(cancellation))
        {
            appender.CreateRow().AppendValue(reader.GetGuid(0)).AppendValue(reader.GetInt32(1)).EndRow();
        }
    }

    private static async Task CopyDays(SourceSnapshot source, DuckDBConnection duck, CancellationToken cancellation)
    {
        using DuckDBAppender appender = duck.CreateAppender("holding", "days");
        foreach ((long id, DateOnly day) in await source.Days(cancellation))
        {
            appender.CreateRow().AppendValue(id).AppendValue(day).EndRow();
        }
    }
}
