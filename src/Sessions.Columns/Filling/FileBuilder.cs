using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;
using Sessions.Database.Properties;

namespace Sessions.Columns.Filling;

/// <summary>
/// Writes a project's file from one snapshot of Postgres. The file is written beside its place; who calls moves it there.
/// </summary>
internal static class FileBuilder
{
    // The events by which the properties that get columns are chosen.
    private const int EventsOfSample = 12_000;
    private const int LeastOfDay = 100;

    /// <summary>The statement that writes the names of the events of a file that has none of them yet.</summary>
    public const string NamesOfEvents = $"INSERT INTO names SELECT DISTINCT event FROM {PropertyColumns.EventRows}";

    /// <summary>The path at which a new file is written.</summary>
    public static string NewPath(string path) => path + ".new";

    /// <summary>Writes the file, with columns for this many properties at most, and returns the number of its events.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public static async Task<long> Build(
        SourceSnapshot source, string path, Guid holder, DuckLimits limits, int mostProperties, Action<long>? progress, CancellationToken cancellation)
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

            await Copy(source, SourceStatements.AllSessions, duck, "sessions", ColumnsSchema.Sessions, RowCopy.NoNumbersOfSession, cancellation);
            await Copy(source, SourceStatements.Persons, duck, "persons", ColumnsSchema.Persons, RowCopy.NoNumbersOfPerson, cancellation);
            NumberBackfill.Assign(duck, FileNumbers.AtFirst);
            await CopyBehind(source, duck, cancellation);
            await CopyDays(source, duck, cancellation);
            Sql.Run(duck, $"ATTACH {Quoted.Literal(stage)} AS stage");
            string[] properties = await FindProperties(source, mostProperties, cancellation);
            long events = await EventStage.Copy(source, duck, new ColumnProperties(properties), limits.RowsToSort / 10, progress, cancellation);
            Sql.Run(duck, "DETACH stage");
            RowPersons.OfGenericIds(duck, sessions: null);
            Sql.Run(duck, NamesOfEvents);
            CreateMacros(duck, properties);
            (StateOf(source.Mark, holder) with { Properties = properties, Counted = NumberBackfill.MakeRoom(duck, FileNumbers.AtFirst), BuiltEvents = events }).Write(duck);
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

            Sql.Run(duck, $"ATTACH {Quoted.Literal(path)} AS old (READ_ONLY)");
            foreach (string table in (string[])["persons", "holding.behind", "holding.days", "holding.state"])
            {
                Sql.Run(duck, $"INSERT INTO {table} SELECT * FROM old.{(table.Contains('.', StringComparison.Ordinal) ? "" : "main.")}{table}");
            }

            CopyNumbers(duck);
            CopySessions(duck, limits.RowsToSort);
            CopyEvents(duck, limits.RowsToSort);
            Sql.Run(duck, "DETACH old");
            Sql.Run(duck, NamesOfEvents);
            FileState state = FileState.Read(duck)!;
            CreateMacros(duck, state.Properties);
            FileNumbers counted = NumberBackfill.MakeRoom(duck, FileNumbers.AtFirst);
            // Everything that the snapshot has seen is worked in.
            (state with { Counted = counted, CleanFrom = state.Oldest, RemovedRows = 0, HasDeletions = false }).Write(duck);
            Sql.Run(duck, "CHECKPOINT");
        }
        catch
        {
            DuckFile.Delete(target);
            throw;
        }
    }

    /// <summary>Copies the numbers, without those of ids and sessions that were deleted.</summary>
    private static void CopyNumbers(DuckDBConnection duck)
    {
        Sql.Run(
            duck,
            $"""
            INSERT INTO ids
            SELECT * FROM old.main.ids
            WHERE  number IN (SELECT {PersonNumbers.OfId} FROM old.main.sessions
                              UNION SELECT {PersonNumbers.OfId} FROM old.main.{PropertyColumns.EventRows}
                              UNION SELECT {PersonNumbers.OfId} FROM old.main.persons
                              UNION SELECT {PersonNumbers.OfPerson} FROM old.main.persons)
            """);
        Sql.Run(
            duck,
            $"""
            INSERT INTO session_numbers
            SELECT * FROM old.main.session_numbers
            WHERE  number IN (SELECT {SessionNumbers.Of} FROM old.main.sessions UNION SELECT {SessionNumbers.Of} FROM old.main.{PropertyColumns.EventRows})
            """);
        Sql.Run(
            duck,
            $"INSERT INTO {SessionNumbers.Nameless} SELECT DISTINCT {SessionNumbers.Of} FROM old.main.{PropertyColumns.EventRows} WHERE {PersonNumbers.NamesNobody}");
    }

    /// <summary>Copies sessions by ranges of their starts.</summary>
    private static void CopySessions(DuckDBConnection duck, int rowsToSort)
    {
        List<DateTime?> bounds = [null, .. Sql.List<DateTime>(
            duck,
            """
            SELECT DISTINCT start_timestamp
            FROM   (SELECT start_timestamp, row_number() OVER (ORDER BY start_timestamp) AS place FROM old.main.sessions)
            WHERE  place % $1 = 0
            ORDER  BY start_timestamp
            """,
            rowsToSort), null];
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
    private static void CopyEvents(DuckDBConnection duck, int rowsToSort)
    {
        List<string> frequent = Sql.List<string>(
            duck, "SELECT event FROM old.main.event_rows GROUP BY event HAVING count(*) >= $1 ORDER BY count(*) DESC, event LIMIT 256", rowsToSort / 10);
        foreach (string name in frequent.Order(StringComparer.Ordinal))
        {
            Sql.Run(duck, "INSERT INTO event_rows SELECT * FROM old.main.event_rows WHERE event = $1", name);
        }

        Sql.Run(
            duck,
            "INSERT INTO event_rows SELECT * FROM old.main.event_rows WHERE NOT list_contains($1, event) ORDER BY event, timestamp",
            frequent);
    }

    /// <summary>Finds the properties that get columns in a sample of the journal.</summary>
    private static async Task<string[]> FindProperties(SourceSnapshot source, int most, CancellationToken cancellation)
    {
        DateOnly[] days = [.. (await source.Days(cancellation)).Values.Distinct()];
        List<string> names = most == 0 || days.Length == 0 ? [] : await source.List<string>(
            SourceStatements.PropertyNames, cancellation, days, Math.Max(LeastOfDay, EventsOfSample / days.Length));
        return [.. names.Where(PropertyColumns.MayHave).Take(Math.Min(most, PropertyColumns.Most))];
    }

    private static void CreateMacros(DuckDBConnection duck, IReadOnlyList<string> properties)
    {
        foreach (string statement in PropertyMacros.Create(properties))
        {
            Sql.Run(duck, statement);
        }
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
        SourceSnapshot source, string statement, DuckDBConnection duck, string table, IReadOnlyList<TableColumn> columns, Action<NpgsqlDataReader, IDuckDBAppenderRow> more, CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await source.Read(statement, cancellation);
        using DuckDBAppender appender = duck.CreateAppender(table);
        await RowCopy.All(reader, appender, columns, more, cancellation);
    }

    private static async Task CopyBehind(SourceSnapshot source, DuckDBConnection duck, CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.AllBehind, cancellation);
        using DuckDBAppender appender = duck.CreateAppender("holding", "behind");
        while (await reader.ReadAsync(cancellation))
        {
            appender.CreateRow().AppendValue(reader.GetGuid(0)).AppendValue(reader.GetInt32(1)).AppendValue(reader.GetInt32(2)).EndRow();
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
