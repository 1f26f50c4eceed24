using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries;

/// <summary>Reads what a project's latest sessions and events have, for suggestions in forms.</summary>
public sealed class SuggestionQueries(QueryDataSource database)
{
    private static readonly string ValuesText = SqlFile.Read("suggested_values.sql");
    private static readonly string EventValuesText = SqlFile.Read("suggested_event_values.sql");
    private static readonly string EventKeysText = SqlFile.Read("suggested_event_keys.sql");

    /// <summary>The most frequent values of a property among the latest sessions.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<IReadOnlyList<string>> GetValues(string project, SessionProperty property, StatementLimits limits, CancellationToken cancellation) =>
        Read(ValuesText.Replace("{column}", property.Column, StringComparison.Ordinal), project, null, limits, cancellation);

    /// <summary>The most frequent values of a column or property among the latest events.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<IReadOnlyList<string>> GetEventValues(string project, EventField field, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            EventValuesText.Replace("{value}", field.Column is { } column ? $"e.{column}::text" : "e.properties ->> @key", StringComparison.Ordinal),
            project,
            field.Column is null ? field.Name : null,
            limits,
            cancellation);

    /// <summary>The most frequent properties of the latest events.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<IReadOnlyList<string>> GetEventKeys(string project, StatementLimits limits, CancellationToken cancellation) =>
        Read(EventKeysText, project, null, limits, cancellation);

    private async Task<IReadOnlyList<string>> Read(
        string text, string project, string? key, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await limits.Begin(connection, cancellation);
        await using NpgsqlCommand command = new(text, connection, transaction);
        command.Parameters.AddWithValue("@project", project);
        if (key is not null)
        {
            command.Parameters.AddWithValue("@key", key);
        }

        List<string> values = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }
}
