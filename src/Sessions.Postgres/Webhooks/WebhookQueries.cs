using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>A webhook as its project's people see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where it is told.</param>
/// <param name="Events">What it is told of.</param>
/// <param name="IsActive">Whether it is told at all.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Failures">How often in a row all that was sent has failed.</param>
/// <param name="GoneAt">When it was switched off because it answered that it is gone for good; null when it did not.</param>
/// <param name="FormerSecretUntil">Until when the secret before this one is valid too; null when it is not.</param>
/// <param name="Waiting">How many deliveries wait; 10,000 also stands for more.</param>
/// <param name="Dead">How many were given up; 10,000 also stands for more.</param>
public sealed record Webhook(
    Guid Id,
    string Url,
    IReadOnlyList<string> Events,
    bool IsActive,
    DateTimeOffset CreatedAt,
    int Failures,
    DateTimeOffset? GoneAt,
    DateTimeOffset? FormerSecretUntil,
    long Waiting,
    long Dead);

/// <summary>What somebody wants of a webhook; null leaves what is.</summary>
/// <param name="Url">Where it is told.</param>
/// <param name="Events">What it is told of.</param>
/// <param name="IsActive">Whether it is told at all.</param>
public sealed record WebhookChange(string? Url, IReadOnlyList<string>? Events, bool? IsActive);

/// <summary>The webhooks of projects.</summary>
public sealed class WebhookQueries(NpgsqlDataSource database)
{
    private const int LeftBehindAtOnce = 10_000;

    private static readonly string ListText = QueryText.Read("webhooks.sql");
    private static readonly string AddText = QueryText.Read("webhook_add.sql");
    private static readonly string UpdateText = QueryText.Read("webhook_update.sql");
    private static readonly string DeleteText = QueryText.Read("webhook_delete.sql");
    private static readonly string DeleteDeliveriesText = QueryText.Read("webhook_delete_deliveries.sql");
    private static readonly string RotateText = QueryText.Read("webhook_rotate.sql");

    /// <summary>A project's webhooks in the order in which they were made.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<IReadOnlyList<Webhook>> GetAll(string project, CancellationToken cancellation) => Read(project, null, cancellation);

    /// <summary>A webhook; null when the project has no such.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<Webhook?> Get(string project, Guid id, CancellationToken cancellation) =>
        await Read(project, id, cancellation) is [var found] ? found : null;

    /// <summary>Adds a webhook; null when the project has as many as it may have, or is none.</summary>
    /// <param name="project">Whose it is.</param>
    /// <param name="asked">What it is; nothing of it null.</param>
    /// <param name="secret">Its secret.</param>
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

    /// <summary>Changes a webhook; null when the project has no such.</summary>
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

    /// <summary>Deletes a webhook with all its deliveries; false when the project has no such.</summary>
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

    /// <summary>Deletes the deliveries of a webhook that is gone.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task DeleteLeftBehind(Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteDeliveriesText);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (long)LeftBehindAtOnce });
        while (await command.ExecuteNonQueryAsync(cancellation) == LeftBehindAtOnce)
        {
            // There may be as many again.
        }
    }

    /// <summary>Gives a webhook another secret; the one before is valid for a while too. Null when the project has no such.</summary>
    /// <returns>Until when the one before is valid.</returns>
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
                reader.GetInt64(8),
                reader.GetInt64(9)));
        }

        return webhooks;
    }
}
