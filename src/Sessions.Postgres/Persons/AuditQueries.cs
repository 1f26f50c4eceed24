using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>Something that was done to a project, for its log.</summary>
/// <param name="Actor">What people call the key that did it.</param>
/// <param name="ActorKey">The key's id; null for the configured one.</param>
/// <param name="Way">How it came: <c>api</c> or <c>page</c>.</param>
/// <param name="Action">What was done.</param>
/// <param name="Subject">To what; of a person its mark. Null for the project itself.</param>
/// <param name="Detail">More of it, a JSON object; null for nothing.</param>
/// <param name="Result">How it went so far: <c>begun</c>, <c>done</c>, <c>refused</c>, <c>failed</c>.</param>
public sealed record AuditRecord(
    string Actor, Guid? ActorKey, string Way, string Action, string? Subject, string? Detail, string Result);

/// <summary>A line of a project's log.</summary>
/// <param name="Id">Its number.</param>
/// <param name="At">When.</param>
/// <param name="Record">What.</param>
public sealed record AuditLine(long Id, DateTimeOffset At, AuditRecord Record);

/// <summary>The log of what was done to projects.</summary>
public sealed class AuditQueries(NpgsqlDataSource database)
{
    private static readonly string AddText = QueryText.Read("audit_add.sql");
    private static readonly string EndText = QueryText.Read("audit_end.sql");
    private static readonly string PageText = QueryText.Read("audit_page.sql");

    /// <summary>Adds a line and returns its number.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<long> Add(string project, AuditRecord record, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        return await Add(connection, project, record, cancellation);
    }

    /// <summary>Says how it ended.</summary>
    /// <param name="line">The line's number.</param>
    /// <param name="result">How.</param>
    /// <param name="detail">What to add to its detail, a JSON object; null for nothing.</param>
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

    /// <summary>The project's log, the latest first.</summary>
    /// <param name="project">The project.</param>
    /// <param name="subjects">Only what concerns one of these; null for all.</param>
    /// <param name="action">Only this action; null for all.</param>
    /// <param name="before">Only lines with lower numbers; null for the first page.</param>
    /// <param name="limit">The most to answer with.</param>
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
