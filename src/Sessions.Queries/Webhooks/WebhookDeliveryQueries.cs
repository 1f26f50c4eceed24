using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Webhooks;

namespace Sessions.Queries.Webhooks;

/// <summary>A delivery as the API and the pages show it.</summary>
/// <param name="Id">The delivery's id: the header <c>webhook-id</c>.</param>
/// <param name="Type">The event's type.</param>
/// <param name="SessionId">The session's id; null for a test.</param>
/// <param name="Version">The session's version; 0 for a test.</param>
/// <param name="State">One of <see cref="DeliveryStates"/>.</param>
/// <param name="Attempts">The number of attempts.</param>
/// <param name="CreatedAt">When the message was written into the outbox.</param>
/// <param name="NextAttemptAt">The earliest time of the next attempt; null when there will be none.</param>
/// <param name="SettledAt">When it was delivered or given up; null while it is pending.</param>
/// <param name="Status">The last HTTP status from the endpoint; null when it did not answer.</param>
/// <param name="Error">The error of the last attempt; null when there was none.</param>
public sealed record WebhookDelivery(
    Guid Id,
    string Type,
    Guid? SessionId,
    int Version,
    string State,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? SettledAt,
    int? Status,
    string? Error);

/// <summary>The states of deliveries.</summary>
public static class DeliveryStates
{
    /// <summary>The delivery will be attempted, for the first time or again.</summary>
    public const string Pending = "pending";

    /// <summary>The endpoint answered with 2xx.</summary>
    public const string Delivered = "delivered";

    /// <summary>The delivery was given up after its last attempt.</summary>
    public const string Dead = "dead";

    /// <summary>All states.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Delivered, Dead];
}

/// <summary>A page of deliveries.</summary>
/// <param name="Deliveries">The deliveries, the newest first.</param>
/// <param name="Next">The id after which the next page begins; null for the last page.</param>
public sealed record WebhookDeliveryPage(IReadOnlyList<WebhookDelivery> Deliveries, Guid? Next);

/// <summary>Reads deliveries, sends tests, and retries dead deliveries.</summary>
public sealed class WebhookDeliveryQueries(NpgsqlDataSource database)
{
    private static readonly string PageText = SqlFile.Read("webhook_deliveries.sql");
    private static readonly string TestText = SqlFile.Read("webhook_test.sql");
    private static readonly string RedeliverText = SqlFile.Read("webhook_redeliver.sql");

    /// <summary>Reads a page of a webhook's deliveries.</summary>
    /// <param name="webhook">The webhook. The caller has checked that it belongs to the project.</param>
    /// <param name="state">Returns only deliveries in this state; null for all.</param>
    /// <param name="after">The last delivery of the page before; null for the first page.</param>
    /// <param name="limit">The most on the page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<WebhookDeliveryPage> GetPage(
        Guid webhook, string? state, Guid? after, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(PageText);
        command.Parameters.Add(new() { Value = webhook });
        command.Parameters.Add(new() { Value = (object?)state ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)after ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = (long)limit + 1 });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<WebhookDelivery> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new WebhookDelivery(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetGuid(2),
                reader.GetInt32(3),
                reader.GetString(4),
                reader.GetInt32(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
                reader.IsDBNull(9) ? null : reader.GetInt32(9),
                reader.IsDBNull(10) ? null : reader.GetString(10)));
        }

        bool isLast = found.Count <= limit;
        return new WebhookDeliveryPage(isLast ? found : found[..limit], isLast ? null : found[limit - 1].Id);
    }

    /// <summary>
    /// Writes a test message into the outbox. Returns false when the project has no such webhook, or when it is not
    /// active.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> AddTest(string project, Guid webhook, Guid id, DateTimeOffset at, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(TestText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = webhook });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = WebhookPayload.Test });
        command.Parameters.Add(new() { Value = WebhookPayload.WriteTest(at) });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    /// <summary>Makes dead deliveries pending again, with all of their attempts.</summary>
    /// <param name="project">The project.</param>
    /// <param name="webhook">The webhook.</param>
    /// <param name="delivery">The delivery; null for all dead ones.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>The number of deliveries.</returns>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<int> Redeliver(string project, Guid webhook, Guid? delivery, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(RedeliverText);
        command.Parameters.Add(new() { Value = project });
        command.Parameters.Add(new() { Value = webhook });
        command.Parameters.Add(new() { Value = (object?)delivery ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
