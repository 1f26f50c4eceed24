using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>A delivery as its project's people see it.</summary>
/// <param name="Id">Its id: the header <c>webhook-id</c>.</param>
/// <param name="Type">What it tells.</param>
/// <param name="SessionId">Of which session; null for a test.</param>
/// <param name="Version">The session's version; 0 for a test.</param>
/// <param name="State">One of <see cref="DeliveryStates"/>.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="CreatedAt">Since when it waits, or waited.</param>
/// <param name="NextAttemptAt">When it is tried next at the earliest; null when it is no more.</param>
/// <param name="SettledAt">When it was delivered or given up; null while it waits.</param>
/// <param name="Status">What the endpoint answered last; null when it did not.</param>
/// <param name="Error">What was wrong with the last attempt; null when nothing was.</param>
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

/// <summary>What becomes of deliveries.</summary>
public static class DeliveryStates
{
    /// <summary>It waits for its first or next attempt.</summary>
    public const string Pending = "pending";

    /// <summary>The endpoint has answered 2xx.</summary>
    public const string Delivered = "delivered";

    /// <summary>It was given up.</summary>
    public const string Dead = "dead";

    /// <summary>All.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Delivered, Dead];
}

/// <summary>A page of deliveries.</summary>
/// <param name="Deliveries">The newest first.</param>
/// <param name="Next">After which the next page begins; null when this was the last.</param>
public sealed record WebhookDeliveryPage(IReadOnlyList<WebhookDelivery> Deliveries, Guid? Next);

/// <summary>What people do with deliveries: look at them, send a test, send dead ones again.</summary>
public sealed class WebhookDeliveryQueries(NpgsqlDataSource database)
{
    private static readonly string PageText = QueryText.Read("webhook_deliveries.sql");
    private static readonly string TestText = QueryText.Read("webhook_test.sql");
    private static readonly string RedeliverText = QueryText.Read("webhook_redeliver.sql");

    /// <summary>A page of a webhook's deliveries.</summary>
    /// <param name="webhook">The webhook; whose it is was looked up before.</param>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
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

    /// <summary>Puts a test into the outbox; false when the project has no such webhook, or it is not active.</summary>
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

    /// <summary>Gives dead deliveries another chance.</summary>
    /// <param name="project">Whose they are.</param>
    /// <param name="webhook">The webhook.</param>
    /// <param name="delivery">Which one; null for all dead ones.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>How many there were.</returns>
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
