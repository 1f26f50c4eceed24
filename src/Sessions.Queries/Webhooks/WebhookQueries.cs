using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries.Webhooks;

/// <summary>A webhook as the API and the pages show it.</summary>
/// <param name="Id">The webhook's id.</param>
/// <param name="Url">The URL of the endpoint.</param>
/// <param name="Events">The types of events that the webhook receives.</param>
/// <param name="IsActive">Whether messages are sent to the webhook.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Failures">The number of successive rounds in which every delivery failed.</param>
/// <param name="GoneAt">
/// When the webhook was switched off because its endpoint answered that it is gone for good; null when it was not.
/// </param>
/// <param name="FormerSecretUntil">The time until which the former secret is valid too; null when it is not.</param>
/// <param name="RestUntil">
/// The time until which nothing but tests is sent, because everything failed; null while the endpoint does not rest.
/// </param>
/// <param name="Waiting">The number of pending deliveries; 10,000 also stands for more.</param>
/// <param name="Dead">The number of deliveries that were given up; 10,000 also stands for more.</param>
public sealed record Webhook(
    Guid Id,
    string Url,
    IReadOnlyList<string> Events,
    bool IsActive,
    DateTimeOffset CreatedAt,
    int Failures,
    DateTimeOffset? GoneAt,
    DateTimeOffset? FormerSecretUntil,
    DateTimeOffset? RestUntil,
    long Waiting,
    long Dead);

/// <summary>A change of a webhook; a member that is null leaves the value as it is.</summary>
/// <param name="Url">The URL of the endpoint.</param>
/// <param name="Events">The types of events that the webhook receives.</param>
/// <param name="IsActive">Whether messages are sent to the webhook.</param>
public sealed record WebhookChange(string? Url, IReadOnlyList<string>? Events, bool? IsActive);

/// <summary>Reads and changes projects' webhooks.</summary>
public sealed class WebhookQueries(NpgsqlDataSource database)
{
    private const int LeftBehindAtOnce = 10_000;

    private static readonly string ListText = SqlFile.Read("webhooks.sql");
    private static readonly string AddText = SqlFile.Read("webhook_add.sql");
    private static readonly string UpdateText = SqlFile.Read("webhook_update.sql");
    private static readonly string DeleteText = SqlFile.Read("webhook_delete.sql");
    private static readonly string DeleteDeliveriesText = SqlFile.Read("webhook_delete_deliveries.sql");
    private static readonly string RotateText = SqlFile.Read("webhook_rotate.sql");

    /// <summary>Reads a project's webhooks in the order in which they were created.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<IReadOnlyList<Webhook>> GetAll(string project, CancellationToken cancellation) => Read(project, null, cancellation);

    /// <summary>Reads a webhook; null when the project has no such webhook.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<Webhook?> Get(string project, Guid id, CancellationToken cancellation) =>
        await Read(project, id, cancellation) is [var found] ? found : null;

    /// <summary>
    /// Adds a webhook. Returns null when the project already has the most webhooks that are allowed, or does not exist.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="asked">The webhook's values; none is null.</param>
    /// <param name="secret">The webhook's secret.</param>
    /// <param name="most">The most webhooks a project may have.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<Webhook?> Add(string project, WebhookChange asked, string secret, int most, CancellationToken cancellation)
    {
        Guid id = Guid.CreateVersion7();
        await using NpgsqlCommand command = database.CreateCommand(AddText);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = asked.Url });
        command.Parameters.Add(new() { Value = asked.Events!.ToArray() });
        command.Parameters.Add(new() { Value = asked.IsActive });
        command.Parameters.Add(new() { Value = secret });
        command.Parameters.Add(new() { Value = (long)most });
        return await command.ExecuteNonQueryAsync(cancellation) > 0 ? await Get(project, id, cancellation) : null;
    }

    /// <summary>Changes a webhook. Returns null when the project has no such webhook.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<Webhook?> Update(string project, Guid id, WebhookChange change, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(UpdateText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (object?)change.Url ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new()
        {
            Value = (object?)change.Events?.ToArray() ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        command.Parameters.Add(new() { Value = (object?)change.IsActive ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean });
        await command.ExecuteNonQueryAsync(cancellation);
        return await Get(project, id, cancellation);
    }

    /// <summary>
    /// Deletes a webhook with all of its deliveries. Returns false when the project has no such webhook.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> Delete(string project, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = id });
        if (await command.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return false;
        }

        await DeleteLeftBehind(id, cancellation);
        return true;
    }

    /// <summary>Deletes the deliveries of a webhook that was deleted.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task DeleteLeftBehind(Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteDeliveriesText);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (long)LeftBehindAtOnce });
        while (await command.ExecuteNonQueryAsync(cancellation) == LeftBehindAtOnce)
        {
            // Repeats until nothing is left to delete.
        }
    }

    /// <summary>
    /// Gives a webhook a new secret. The former one stays valid for a while. Returns null when the project has no such
    /// webhook.
    /// </summary>
    /// <returns>The time until which the former secret is valid.</returns>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<DateTimeOffset?> Rotate(string project, Guid id, string secret, TimeSpan overlap, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(RotateText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = secret });
        command.Parameters.Add(new() { Value = overlap });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? reader.GetFieldValue<DateTimeOffset>(0) : null;
    }

    private async Task<IReadOnlyList<Webhook>> Read(string project, Guid? id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ListText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<Webhook> webhooks = [];
        while (await reader.ReadAsync(cancellation))
        {
            webhooks.Add(new Webhook(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetFieldValue<string[]>(2),
                reader.GetBoolean(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetInt32(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
                reader.GetInt64(9),
                reader.GetInt64(10)));
        }

        return webhooks;
    }
}
