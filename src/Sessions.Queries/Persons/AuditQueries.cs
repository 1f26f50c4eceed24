using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries.Persons;

/// <summary>An action on a project, for its audit log.</summary>
/// <param name="Actor">The name of the API key that did it.</param>
/// <param name="ActorKey">The key's id; null for the configured key.</param>
/// <param name="Way">Where the request came from: <c>api</c> or <c>page</c>.</param>
/// <param name="Action">The action.</param>
/// <param name="Subject">The object of the action; for a person, the mark. Null for the project itself.</param>
/// <param name="Detail">Details as a JSON object; null for none.</param>
/// <param name="Result">The result: <c>begun</c>, <c>done</c>, <c>refused</c> or <c>failed</c>.</param>
public sealed record AuditRecord(
    string Actor, Guid? ActorKey, string Way, string Action, string? Subject, string? Detail, string Result);

/// <summary>A line of a project's audit log.</summary>
/// <param name="Id">The line's number.</param>
/// <param name="At">The time.</param>
/// <param name="Record">The action.</param>
public sealed record AuditLine(long Id, DateTimeOffset At, AuditRecord Record);

/// <summary>Reads and writes projects' audit logs.</summary>
public sealed class AuditQueries(NpgsqlDataSource database)
{
    private static readonly string AddText = SqlFile.Read("audit_add.sql");
    private static readonly string EndText = SqlFile.Read("audit_end.sql");
    private static readonly string PageText = SqlFile.Read("audit_page.sql");

    /// <summary>Adds a line and returns its number.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<long> Add(string project, AuditRecord record, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        return await Add(connection, project, record, cancellation);
    }

    /// <summary>Records the result of an action.</summary>
    /// <param name="line">The line's number.</param>
    /// <param name="result">The result.</param>
    /// <param name="detail">A JSON object to add to the details; null for none.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task End(long line, string result, string? detail, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(EndText);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = line });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = result });
        command.Parameters.Add(OrNull(NpgsqlDbType.Jsonb, detail));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Reads a page of the project's audit log, the latest line first.</summary>
    /// <param name="project">The project.</param>
    /// <param name="subjects">Returns only lines about one of these objects; null for all.</param>
    /// <param name="action">Returns only lines of this action; null for all.</param>
    /// <param name="before">Returns only lines with lower numbers; null for the first page.</param>
    /// <param name="limit">The most lines to return.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<AuditLine>> GetPage(
        string project, IReadOnlyList<string>? subjects, string? action, long? before, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(PageText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(OrNull(NpgsqlDbType.Array | NpgsqlDbType.Text, subjects));
        command.Parameters.Add(OrNull(NpgsqlDbType.Text, action));
        command.Parameters.Add(OrNull(NpgsqlDbType.Bigint, before));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        List<AuditLine> lines = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            lines.Add(new AuditLine(
                reader.GetInt64(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                new AuditRecord(
                    reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetGuid(3),
                    reader.GetString(4),
                    reader.GetString(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6),
                    reader.IsDBNull(7) ? null : reader.GetString(7),
                    reader.GetString(8))));
        }

        return lines;
    }

    internal static async Task<long> Add(
        NpgsqlConnection connection, string project, AuditRecord record, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(AddText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Actor });
        command.Parameters.Add(OrNull(NpgsqlDbType.Uuid, record.ActorKey));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Way });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Action });
        command.Parameters.Add(OrNull(NpgsqlDbType.Text, record.Subject));
        command.Parameters.Add(OrNull(NpgsqlDbType.Jsonb, record.Detail));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Result });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static NpgsqlParameter OrNull(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
