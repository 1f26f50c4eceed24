using System.Collections.Concurrent;
using System.Numerics;
using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Filling;
using Sessions.Columns.Schema;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Engines;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// Columns in the memory of the test: for each project a DuckDB that is filled from Postgres' views at the first question, and
/// again when a row has changed since.
/// </summary>
internal sealed class MemoryColumns(Func<NpgsqlDataSource> database) : ColumnsEngine, IDisposable
{
    private const string State =
        """
        select coalesce((select string_agg(s.session_id::text || s.xmin::text, ' ' order by s.session_id) from tracking.sessions s where s.project = $1), '')
            || coalesce((select string_agg(j.event_id::text || j.xmin::text, ' ' order by j.event_id) from tracking.journal j where j.project = $1), '')
            || coalesce((select string_agg(i.event_id::text || i.xmin::text, ' ' order by i.arrived) from tracking.identities i where i.project = $1), '')
        """;

    private readonly ConcurrentDictionary<string, (string State, DuckDBConnection Connection)> _projects = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly SemaphoreSlim _one = new(1);
    private int _answered;

    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
        string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            DuckDBConnection connection = await Filled(project);
            List<IReadOnlyList<object?[]>> answers = [];
            foreach (Statement statement in statements)
            {
                if (Rows(connection, statement) is not { } rows)
                {
                    return null;
                }

                answers.Add(rows);
            }

            _answered++;
            return answers;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Checks that it has answered, and that it refused nothing but values that it can't answer exactly.</summary>
    public void Check()
    {
        Assert.True(_faults.IsEmpty, string.Join("\n\n", _faults.Take(3)));
        Assert.True(_answered > 0, "The columns have answered nothing.");
    }

    public void Dispose()
    {
        _one.Dispose();
        foreach ((_, DuckDBConnection connection) in _projects.Values)
        {
            connection.Dispose();
        }
    }

    private List<object?[]>? Rows(DuckDBConnection connection, Statement statement)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = statement.Sql;
        foreach (object value in statement.Values)
        {
            command.Parameters.Add(new DuckDBParameter(value is DateTimeOffset time ? time.UtcDateTime : value));
        }

        try
        {
            List<object?[]> rows = [];
            using DuckDBDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                object?[] row = new object?[reader.FieldCount];
                for (int column = 0; column < row.Length; column++)
                {
                    row[column] = reader.IsDBNull(column) ? null : Value(reader.GetValue(column));
                }

                rows.Add(row);
            }

            return rows;
        }
        catch (Exception failed)
        {
            if (!IsLeftToPostgres(failed.Message))
            {
                _faults.Enqueue($"{failed.Message}\n{statement.Sql}\n{string.Join(", ", statement.Values)}");
            }

            return null;
        }
    }

    private static object Value(object value) => value switch
    {
        int number => (long)number,
        BigInteger number => (long)number,
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        _ => value,
    };

    private async Task<DuckDBConnection> Filled(string project)
    {
        await using NpgsqlCommand ask = database().CreateCommand(State);
        ask.Parameters.AddWithValue(project);
        string state = (string)(await ask.ExecuteScalarAsync())!;
        if (_projects.TryGetValue(project, out (string State, DuckDBConnection Connection) known) && known.State == state)
        {
            return known.Connection;
        }

        DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        Do(connection, "set timezone = 'UTC'");
        foreach (string create in ColumnsSchema.CreateStatements)
        {
            Do(connection, create);
        }

        await Fill(connection, project, "sessions", $"({SourceStatements.SessionsWithReplays}) v where project = $1", ColumnsSchema.Sessions);
        await Fill(connection, project, PropertyColumns.EventRows, "tracking.all_events where project = $1", ColumnsSchema.Events);
        await Fill(connection, project, "persons", $"({SourceStatements.Persons}) p", ColumnsSchema.Persons);
        Do(connection, FileBuilder.NamesOfEvents);
        NumberBackfill.Assign(connection, FileNumbers.AtFirst);
        known.Connection?.Dispose();
        _projects[project] = (state, connection);
        return connection;
    }

    private async Task Fill(DuckDBConnection connection, string project, string table, string source, IReadOnlyList<TableColumn> columns)
    {
        await using NpgsqlConnection postgres = await database().OpenConnectionAsync();
        await using (NpgsqlCommand zone = new("set timezone = 'UTC'", postgres))
        {
            await zone.ExecuteNonQueryAsync();
        }

        string values = string.Join(", ", columns.Select(column => column.Type == ColumnType.List ? $"to_jsonb({column.Name})::text" : $"{column.Name}::text"));
        string more = table == PropertyColumns.EventRows ? ", tracking.names_nobody(distinct_id)::text" : "";
        await using NpgsqlCommand command = new($"select {values}{more} from {source}", postgres);
        command.Parameters.AddWithValue(project);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        string places = string.Join(", ", columns.Select((column, at) =>
            column.Type == ColumnType.List ? $"${at + 1}::varchar::json::varchar[]" : $"${at + 1}::varchar::{column.SqlType}"));
        string names = string.Join(", ", columns.Select(column => column.Name));
        if (table == PropertyColumns.EventRows)
        {
            // In this copy no property of events has a column.
            (names, places) = ($"{names}, {PropertyColumns.Numbers}, {PersonNumbers.NamesNobody}", $"{places}, 0, ${columns.Count + 1}::boolean");
        }

        while (await reader.ReadAsync())
        {
            using DuckDBCommand insert = connection.CreateCommand();
            insert.CommandText = $"insert into {table} ({names}) values ({places})";
            for (int column = 0; column < reader.FieldCount; column++)
            {
                insert.Parameters.Add(new DuckDBParameter(await reader.IsDBNullAsync(column) ? DBNull.Value : reader.GetString(column)));
            }

            insert.ExecuteNonQuery();
        }

        await reader.DisposeAsync();
        await using NpgsqlCommand reset = new("reset timezone", postgres);
        await reset.ExecuteNonQueryAsync();
    }

    private static void Do(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
