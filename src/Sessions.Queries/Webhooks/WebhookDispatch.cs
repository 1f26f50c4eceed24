using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries.Webhooks;

/// <summary>A webhook with deliveries that are due.</summary>
/// <param name="Id">The webhook's id.</param>
/// <param name="Failures">The number of successive rounds in which every delivery failed.</param>
public sealed record DueWebhook(Guid Id, int Failures);

/// <summary>A delivery that this process has leased and must send before the lease ends.</summary>
/// <param name="Id">The delivery's id.</param>
/// <param name="Attempt">The attempt's number, from 1 on.</param>
/// <param name="Payload">The body to send.</param>
/// <param name="Url">The endpoint.</param>
/// <param name="Secrets">The secrets that are valid now.</param>
public sealed record ClaimedDelivery(Guid Id, int Attempt, string Payload, string Url, IReadOnlyList<string> Secrets);

/// <summary>The result of an attempt.</summary>
/// <param name="Claimed">The attempt.</param>
/// <param name="State">One of <see cref="DeliveryStates"/>; pending when it should be retried.</param>
/// <param name="Pause">The time until the retry.</param>
/// <param name="Status">The endpoint's HTTP status; null when it did not answer.</param>
/// <param name="Error">The error; null when there was none.</param>
public sealed record SettledDelivery(ClaimedDelivery Claimed, string State, TimeSpan Pause, int? Status, string? Error);

/// <summary>The health of an endpoint.</summary>
/// <param name="Failures">The number of successive rounds in which every delivery failed.</param>
/// <param name="Rest">The pause before the next delivery to the endpoint.</param>
/// <param name="IsGone">Whether the endpoint answered that it is gone for good.</param>
public sealed record EndpointHealth(int Failures, TimeSpan Rest, bool IsGone);

/// <summary>The pending deliveries of a webhook.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Count">The number of pending deliveries.</param>
/// <param name="Oldest">The age of the oldest one.</param>
/// <param name="IsThere">Whether the webhook still exists.</param>
public sealed record PendingDeliveries(Guid Webhook, long Count, TimeSpan Oldest, bool IsThere);

/// <summary>
/// Claims outbox rows for delivery and records the results. Safe for concurrent senders: a claim is a lease. When it
/// ends without a result, another sender may claim the row.
/// </summary>
public sealed class WebhookDispatch(NpgsqlDataSource database)
{
    private static readonly string DueText = SqlFile.Read("webhooks_due.sql");
    private static readonly string ClaimText = SqlFile.Read("webhook_claim.sql");
    private static readonly string ClaimTestsText = SqlFile.Read("webhook_claim_tests.sql");
    private static readonly string SettleText = SqlFile.Read("webhook_settle.sql");
    private static readonly string HoldBackText = SqlFile.Read("webhook_hold_back.sql");
    private static readonly string HealthText = SqlFile.Read("webhook_health.sql");
    private static readonly string WaitingText = SqlFile.Read("webhook_waiting.sql");
    private static readonly string GiveUpOldText = SqlFile.Read("webhook_give_up_old.sql");
    private static readonly string GiveUpExcessText = SqlFile.Read("webhook_give_up_excess.sql");
    private static readonly string ForgetText = SqlFile.Read("webhook_forget.sql");

    /// <summary>Finds the webhooks with deliveries that are due and whose endpoints are not paused.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<DueWebhook>> FindDue(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DueText);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<DueWebhook> due = [];
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(new DueWebhook(reader.GetGuid(0), reader.GetInt32(1)));
        }

        return due;
    }

    /// <summary>
    /// Leases the next deliveries. Of each session only the oldest pending one, so that a session's messages arrive in
    /// order.
    /// </summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="most">The most deliveries to lease. An endpoint whose deliveries fail gets one at a time.</param>
    /// <param name="lease">The lease: after this time, other processes may take the deliveries.</param>
    /// <param name="cancellation">Cancels the statement.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ClaimedDelivery>> Claim(Guid webhook, int most, TimeSpan lease, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ClaimText);
        command.Parameters.Add(new() { Value = webhook });
        command.Parameters.Add(new() { Value = (long)most });
        command.Parameters.Add(new() { Value = lease });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<ClaimedDelivery> claimed = [];
        while (await reader.ReadAsync(cancellation))
        {
            claimed.Add(Read(reader));
        }

        return claimed;
    }

    /// <summary>Leases due tests of any webhooks. They wait neither for other deliveries nor for the end of a pause.</summary>
    /// <param name="most">The most tests to lease.</param>
    /// <param name="lease">The lease: after this time, other processes may take the tests.</param>
    /// <param name="cancellation">Cancels the statement.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<(Guid Webhook, ClaimedDelivery Test)>> ClaimTests(int most, TimeSpan lease, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ClaimTestsText);
        command.Parameters.Add(new() { Value = (long)most });
        command.Parameters.Add(new() { Value = lease });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, ClaimedDelivery)> claimed = [];
        while (await reader.ReadAsync(cancellation))
        {
            claimed.Add((reader.GetGuid(6), Read(reader)));
        }

        return claimed;
    }

    private static ClaimedDelivery Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetInt32(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.IsDBNull(5) ? [reader.GetString(4)] : [reader.GetString(4), reader.GetString(5)]);

    /// <summary>Records the results of attempts and the health of their endpoint; null leaves the health as it is.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Settle(Guid webhook, IReadOnlyList<SettledDelivery> settled, EndpointHealth? health, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        var settle = new NpgsqlBatchCommand(SettleText);
        settle.Parameters.Add(new() { Value = webhook });
        settle.Parameters.Add(Columns.Of(settled, one => one.Claimed.Id, NpgsqlDbType.Uuid));
        settle.Parameters.Add(Columns.Of(settled, one => one.Claimed.Attempt, NpgsqlDbType.Integer));
        settle.Parameters.Add(Columns.Text(settled, one => one.State));
        settle.Parameters.Add(Columns.Of(settled, one => one.Pause, NpgsqlDbType.Interval));
        settle.Parameters.Add(Columns.Of(settled, one => one.Status, NpgsqlDbType.Integer));
        settle.Parameters.Add(Columns.Text(settled, one => one.Error));
        batch.BatchCommands.Add(settle);
        SettledDelivery[] again = [.. settled.Where(one => one.State == DeliveryStates.Pending)];
        if (again.Length > 0)
        {
            var holdBack = new NpgsqlBatchCommand(HoldBackText);
            holdBack.Parameters.Add(new() { Value = webhook });
            holdBack.Parameters.Add(Columns.Of(again, one => one.Claimed.Id, NpgsqlDbType.Uuid));
            batch.BatchCommands.Add(holdBack);
        }

        if (health is not null)
        {
            var heal = new NpgsqlBatchCommand(HealthText);
            heal.Parameters.Add(new() { Value = webhook });
            heal.Parameters.Add(new() { Value = health.Failures });
            heal.Parameters.Add(new() { Value = health.Rest });
            heal.Parameters.Add(new() { Value = health.IsGone });
            batch.BatchCommands.Add(heal);
        }

        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Reads the pending deliveries of all webhooks.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<PendingDeliveries>> GetWaiting(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(WaitingText);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<PendingDeliveries> waiting = [];
        while (await reader.ReadAsync(cancellation))
        {
            waiting.Add(new PendingDeliveries(
                reader.GetGuid(0), reader.GetInt64(1), TimeSpan.FromSeconds(reader.GetDouble(2)), reader.GetBoolean(3)));
        }

        return waiting;
    }

    /// <summary>Gives up some pending deliveries that are older than this. Returns their number.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<int> GiveUpOld(TimeSpan age, int most, CancellationToken cancellation) =>
        Execute(GiveUpOldText, cancellation, new() { Value = age }, new() { Value = (long)most });

    /// <summary>Gives up that many of a webhook's oldest pending deliveries. Returns their number.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<int> GiveUpExcess(Guid webhook, long excess, CancellationToken cancellation) =>
        Execute(GiveUpExcessText, cancellation, new() { Value = webhook }, new() { Value = excess });

    /// <summary>Deletes some old deliveries that were delivered or given up. Returns their number.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<int> Forget(TimeSpan delivered, TimeSpan dead, int most, CancellationToken cancellation) =>
        Execute(ForgetText, cancellation, new() { Value = delivered }, new() { Value = dead }, new() { Value = (long)most });

    private async Task<int> Execute(string text, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using NpgsqlCommand command = database.CreateCommand(text);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
