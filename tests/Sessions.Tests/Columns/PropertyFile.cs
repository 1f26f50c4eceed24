using System.Text.Json;
using DuckDB.NET.Data;
using Sessions.Columns.Asking;
using Sessions.Columns.Serving;
using Sessions.Columns.UserSql;
using Sessions.Tests.Web.Api.Querying;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Columns;

/// <summary>
/// A file of 60 events with properties of all kinds. The properties <c>clean</c>, <c>fraction</c>, <c>odd</c>, <c>it's</c> and others have
/// columns; <c>unique</c> and <c>rare</c> have none.
/// </summary>
public sealed class PropertyFile(TestPostgres postgres) : IAsyncLifetime
{
    private TestColumns? _columns;
    private DuckDBConnection? _duck;

    /// <summary>Starts anew, as each question of people does.</summary>
    internal DuckDBConnection Connection()
    {
        _duck?.Dispose();
        _duck = new DuckDBConnection($"DataSource={Copy}");
        _duck.Open();
        return _duck;
    }

    /// <summary>The properties that have columns.</summary>
    public IReadOnlyList<string> Properties { get; private set; } = [];

    private string Copy => _columns!.FilePath + ".copy";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _columns = await TestColumns.Start(postgres);
        await StoredSession.Write(_columns.Database, _columns.Project, [new StoredSession { Start = Noon }.With("a").With("b"), new StoredSession { Start = Noon.AddDays(1) }.With("b")]);
        await _columns.Do(
            """
            insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
            select $1, gen_random_uuid(), 1, (now() at time zone 'utc')::date, 0, gen_random_uuid(), now(), now(), 'e' || n % 4, 'x' || n % 7,
                   jsonb_build_object(
                       'clean', (array['"free"', '"pro"', 'null', '12', '-7', '0', '"12.50"', 'true', 'false', '""', '"1e3"', '999999999999999999'])[1 + n % 12]::jsonb,
                       'text', (array['"日本 😀"', '"a\"b"', '"tab\tand \\ line\n"', '"\u00e9\u007f"', '"''"', '" x "', '"null"', '"e\u0301"'])[1 + n % 8]::jsonb,
                       'fraction', (array['1.50', '12.00', '0.001', '-0.5', '0.0', '-0.0', '100.10', '123456789012.345', '0.00012', '-3.25', '7', '1e3', '1.5e-3'])[1 + n % 13]::jsonb,
                       'odd', (array['{"a": 1.50, "clean": "no"}', '[1, 2.50]', '1234567890123456789012', '0.000000012', '1e30', '"{"', '1.23456789012345678', '{}', '[]'])[1 + n % 9]::jsonb,
                       'list', (array['[1, {"a": 2}]', '[]', '"x"'])[1 + n % 3]::jsonb,
                       'it''s', (array['"a"', '"b"'])[1 + n % 2]::jsonb, 'a.b', (n % 3)::text, '$lib', (array['"web"', '"ios"'])[1 + n % 2]::jsonb, '1', n % 2,
                       'é ü', n % 4, 'x[0]', 'y', 'a/b', 'z', 'Clean', 'C', '*', 'star',
                       'unique', (array['"u' || n || '"', n || '.50', '{"k": ' || n || '}', '[' || n || ', 1.0]', n || 'e20', 'null', '"\"unique\": ' || n || '"'])[1 + n % 7]::jsonb)
                   - (array['clean', 'fraction', 'unique', 'nothing', 'text'])[1 + n % 5]
                   || case when n = 30 then '{"rare": "r", "nested": {"seldom": 1}}' else '{}' end::jsonb
            from   generate_series(1, 60) n
            """,
            _columns.Project);
        string names = (string)(await _columns.Ask("SELECT value FROM holding.state WHERE name = 'Properties'")).Rows[0][0]!;
        Properties = JsonSerializer.Deserialize<List<string>>(names)!;
        await _columns.Restart(() => File.Copy(_columns.FilePath, Copy));
    }

    /// <summary>What the SQL is made into; null when it stays as it is.</summary>
    internal string? Rewritten(string sql)
    {
        DuckDBConnection connection = Connection();
        string file = UserViews.Use(connection);
        using DuckDBCommand command = Command(connection, "SELECT json_serialize_sql($1::VARCHAR)", sql);
        using JsonDocument parsed = UserSqlCheck.Parse(command, sql);
        UserSqlCheck.Check(parsed, sql);
        return PropertyRewriter.Rewrite(parsed.RootElement, sql, file, (statement, parameter) =>
        {
            using DuckDBCommand asked = Command(connection, statement, parameter);
            return (string)asked.ExecuteScalar()!;
        });
    }

    /// <summary>The answer that people get.</summary>
    internal ColumnsAnswer Answer(string sql) =>
        new UserSqlRunner(_columns!.Options, TimeProvider.System, () => { })
            .Run(Connection(), new UserQuestion(_columns.Project, sql, TimeSpan.FromSeconds(60), 1_000, 1_000_000), TimeSpan.FromSeconds(60), () => { }, default);

    /// <summary>What DuckDB gives for an SQL over the views, as text.</summary>
    internal string Run(string sql)
    {
        DuckDBConnection connection = Connection();
        UserViews.Use(connection);
        using DuckDBCommand command = Command(connection, sql);
        using DuckDBDataReader reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        }

        return string.Join('\n', rows);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        if (_columns is not null)
        {
            await _columns.DisposeAsync();
        }
    }

    private static DuckDBCommand Command(DuckDBConnection connection, string sql, params string[] parameters)
    {
        DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new DuckDBParameter { Value = parameter });
        }

        return command;
    }
}
