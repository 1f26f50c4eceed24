using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Columns.Filling;
using Sessions.Columns.Schema;
using Sessions.Columns.Serving;
using Sessions.Database.Properties;

namespace Sessions.Tests.Columns;

/// <summary>A project in Postgres, and the process that holds its columns, in a directory of its own.</summary>
internal sealed class TestColumns : IAsyncDisposable
{
    private static readonly ColumnsLimits Plenty = new(TimeSpan.FromSeconds(60), 1_000_000);

    private readonly string _directory;

    private TestColumns(string connectionString, string project, string directory, ColumnsOptions options)
    {
        (ConnectionString, Project, _directory, Options) = (connectionString, project, directory, options);
        // Statements are prepared, as those of the process are.
        Database = NpgsqlDataSource.Create(connectionString + ";Max Auto Prepare=50;Auto Prepare Min Usages=2");
        Open = MakeOpen();
    }

    public string ConnectionString { get; }

    public string Project { get; }

    public ColumnsOptions Options { get; }

    public NpgsqlDataSource Database { get; }

    public OpenProjects Open { get; private set; }

    public string FilePath => Path.Combine(_directory, Project + ".duckdb");

    /// <summary>How often a statement was found that did not obey.</summary>
    public int Ends { get; private set; }

    public static async Task<TestColumns> Start(TestPostgres postgres, Action<ColumnsOptions>? configure = null)
    {
        string directory = Directory.CreateTempSubdirectory("sessions-columns-").FullName;
        ColumnsOptions options = new() { Directory = directory, PatienceSeconds = 30, RewriteSeconds = 0, MemoryMegabytes = 256 };
        configure?.Invoke(options);
        TestColumns columns = new(await postgres.CreateDatabase(), postgres.NewProject(), directory, options);
        await columns.Do(
            "insert into tracking.projects (project, token, api_key_sha256) values ($1, 'token-' || $1, '')", columns.Project);
        await columns.Do("select tracking.ensure_partitions((now() at time zone 'utc')::date - 3, 5)");
        await columns.Open.Holder.KeepAlive(CancellationToken.None);
        return columns;
    }

    /// <summary>What keeps the files of the process.</summary>
    public ColumnsKeeper Keeper() =>
        new(Open, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System, NullLogger<ColumnsKeeper>.Instance);

    /// <summary>Ends the process and starts another one on the same files.</summary>
    public async Task Restart(Action? between = null)
    {
        await Open.DisposeAsync();
        between?.Invoke();
        Open = MakeOpen();
        await Open.Holder.KeepAlive(CancellationToken.None);
    }

    public async Task Do(string sql, params object[] values)
    {
        await using NpgsqlCommand command = Database.CreateCommand(sql);
        command.CommandTimeout = 0;
        foreach (object value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks, and waits for the file when there is none.</summary>
    public async Task<ColumnsAnswer> Ask(string sql, params object?[] parameters) =>
        (await Ask([new ColumnsStatement(sql, parameters)]))[0];

    public async Task<IReadOnlyList<ColumnsAnswer>> Ask(IReadOnlyList<ColumnsStatement> statements)
    {
        for (int attempt = 0; attempt < 5; attempt++)
        {
            if (await Open.Read(Project, statements, Plenty, CancellationToken.None) is { } answers)
            {
                return answers;
            }

            await (await Open.Take(Project, CancellationToken.None))!.Building.WaitAsync(TimeSpan.FromSeconds(60));
        }

        throw new InvalidOperationException("The columns do not answer.");
    }

    // Each id and each session has one number, and each row the numbers of its id and its session.
    private const string RowsWithWrongNumbers =
        $"""
        WITH rows AS (SELECT 'event' AS kind, e.event_id AS row, e.id_number, md5(e.distinct_id)::UUID AS id_hash, e.session_number, e.session_id
                      FROM   {PropertyColumns.EventRows} e
                      UNION ALL
                      SELECT 'session', s.session_id, s.id_number, s.id_hash, s.session_number, s.session_id FROM sessions s)
        SELECT kind, row
        FROM   rows
        LEFT JOIN ids ON ids.number = rows.id_number
        LEFT JOIN session_numbers n ON n.number = rows.session_number
        WHERE  ids.id_hash IS DISTINCT FROM rows.id_hash OR n.session_id IS DISTINCT FROM rows.session_id
        UNION ALL
        SELECT 'session''s person', s.session_id
        FROM   sessions s
        LEFT JOIN persons p ON p.id_number = s.id_number
        WHERE  s.person_number IS DISTINCT FROM coalesce(p.person_number, s.id_number)
        UNION ALL
        SELECT 'event''s person', e.event_id
        FROM   {PropertyColumns.EventRows} e
        LEFT JOIN sessions s ON s.session_id = e.session_id AND e.names_nobody
        LEFT JOIN persons p ON p.id_number = coalesce(s.id_number, e.id_number)
        WHERE  e.person_number IS DISTINCT FROM coalesce(p.person_number, s.id_number, e.id_number)
        UNION ALL
        SELECT 'person', person_hash
        FROM   persons p
        LEFT JOIN ids its ON its.number = p.id_number
        LEFT JOIN ids whose ON whose.number = p.person_number
        WHERE  its.id_hash IS DISTINCT FROM p.id_hash OR whose.id_hash IS DISTINCT FROM p.person_hash
        UNION ALL
        SELECT 'nameless', session_id FROM {PropertyColumns.EventRows} WHERE names_nobody AND session_number NOT IN (SELECT number FROM {SessionNumbers.Nameless})
        UNION ALL
        SELECT 'id', id_hash FROM ids GROUP BY id_hash HAVING count(*) > 1
        UNION ALL
        SELECT 'session number', session_id FROM session_numbers GROUP BY session_id HAVING count(*) > 1
        """;

    /// <summary>Asks once; null when the file can't answer.</summary>
    public Task<IReadOnlyList<ColumnsAnswer>?> TryAsk(string sql) =>
        Open.Read(Project, [new ColumnsStatement(sql, [])], Plenty, CancellationToken.None);

    /// <summary>Compares all three tables with Postgres, row by row, and the file's numbers with the rows. Nothing may be committed meanwhile.</summary>
    public async Task AssertEqualsPostgres()
    {
        IReadOnlyList<ColumnsAnswer> answers = await Ask(
        [
            new ColumnsStatement($"SELECT {ColumnsSchema.List(ColumnsSchema.Sessions)} FROM sessions", []),
            new ColumnsStatement($"SELECT {ColumnsSchema.List(ColumnsSchema.Events)} FROM events", []),
            new ColumnsStatement($"SELECT {ColumnsSchema.List(ColumnsSchema.Persons)} FROM persons", []),
            new ColumnsStatement($"SELECT event_id, {PersonNumbers.NamesNobody} FROM {PropertyColumns.EventRows}", []),
            new ColumnsStatement(RowsWithWrongNumbers, []),
        ]);
        Assert.Equal(await Rows($"select {ColumnsSchema.List(ColumnsSchema.Sessions)} from ({SourceStatements.SessionsWithReplays}) v where project = $1"), Texts(answers[0]));
        Assert.Equal(await Rows($"select {ColumnsSchema.List(ColumnsSchema.Events)} from tracking.all_events where project = $1"), Texts(answers[1]));
        Assert.Equal(await Rows($"select {ColumnsSchema.List(ColumnsSchema.Persons)} from ({SourceStatements.Persons}) p"), Texts(answers[2]));
        Assert.Equal(await Rows("select event_id, tracking.names_nobody(distinct_id) from tracking.all_events where project = $1"), Texts(answers[3]));
        Assert.Equal([], Texts(answers[4]));
    }

    public async ValueTask DisposeAsync()
    {
        await Open.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private OpenProjects MakeOpen() => new(
        Database,
        Microsoft.Extensions.Options.Options.Create(Options),
        TimeProvider.System,
        NullLogger<OpenProjects>.Instance,
        new CountedEnd(() => Ends++));

    private async Task<List<string>> Rows(string sql)
    {
        await using NpgsqlCommand command = Database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = Project });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(place => Text(reader.GetValue(place)))));
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static List<string> Texts(ColumnsAnswer answer)
    {
        List<string> rows = [.. answer.Rows.Select(row => string.Join(" | ", row.Select(Text)))];
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static string Text(object? value) => value switch
    {
        null or DBNull => "null",
        DateTime time => Text(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))),
        DateTimeOffset time => time.UtcDateTime.ToString("O"),
        decimal number => (number / 1.0000000000m).ToString(System.Globalization.CultureInfo.InvariantCulture),
        System.Collections.IEnumerable list and not string => $"[{string.Join(", ", list.Cast<object>())}]",
        IFormattable other => other.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private sealed class CountedEnd(Action count) : ProcessEnd(NullLogger<ProcessEnd>.Instance)
    {
        public override void End() => count();
    }
}
