using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>A webhook that has something to be sent.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Failures">How often in a row all that was sent has failed.</param>
public sealed record DueWebhook(Guid Id, int Failures);

/// <summary>A delivery that is this process' to send, for as long as it was taken for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Attempt">The attempt's number, from 1 on.</param>
/// <param name="Payload">What to send.</param>
/// <param name="Url">Where to.</param>
/// <param name="Secrets">The secrets that are valid now.</param>
public sealed record ClaimedDelivery(Guid Id, int Attempt, string Payload, string Url, IReadOnlyList<string> Secrets);

/// <summary>What became of an attempt.</summary>
/// <param name="Claimed">The attempt.</param>
/// <param name="State">One of <see cref="DeliveryStates"/>; pending is to be tried again.</param>
/// <param name="Pause">When it is to be tried again: so long from now.</param>
/// <param name="Status">What the endpoint answered; null when it did not.</param>
/// <param name="Error">What was wrong; null when nothing was.</param>
public sealed record SettledDelivery(ClaimedDelivery Claimed, string State, TimeSpan Pause, int? Status, string? Error);

/// <summary>How an endpoint does.</summary>
/// <param name="Failures">How often in a row all that was sent has failed.</param>
/// <param name="Rest">For how long it is left alone.</param>
/// <param name="IsGone">Whether it said that it wants no more.</param>
public sealed record EndpointHealth(int Failures, TimeSpan Rest, bool IsGone);

/// <summary>What waits for a webhook.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Count">How many deliveries.</param>
/// <param name="Oldest">Since how long the oldest of them does.</param>
/// <param name="IsThere">Whether there still is such a webhook.</param>
public sealed record WaitingDeliveries(Guid Webhook, long Count, TimeSpan Oldest, bool IsThere);

/// <summary>
/// The outbox as those see it who send: any number of processes may, at the same time. What one has taken is left to
/// others again when it has not said in time what became of it.
/// </summary>
public sealed class WebhookDispatch(NpgsqlDataSource database)
{
    private static readonly string DueText = QueryText.Read("webhooks_due.sql");
    private static readonly string ClaimText = QueryText.Read("webhook_claim.sql");
    private static readonly string SettleText = QueryText.Read("webhook_settle.sql");
    private static readonly string HoldBackText = QueryText.Read("webhook_hold_back.sql");
    private static readonly string HealthText = QueryText.Read("webhook_health.sql");
    private static readonly string WaitingText = QueryText.Read("webhook_waiting.sql");
    private static readonly string GiveUpOldText = QueryText.Read("webhook_give_up_old.sql");
    private static readonly string GiveUpExcessText = QueryText.Read("webhook_give_up_excess.sql");
    private static readonly string ForgetText = QueryText.Read("webhook_forget.sql");

    /// <summary>The webhooks that have something to be sent now, and may be sent it.</summary>
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

    /// <summary>Takes what is to be sent next. Of a session no more than its first that is not settled.</summary>
    /// <param name="webhook">To whom.</param>
    /// <param name="most">The most to take; an endpoint that fails gets one.</param>
    /// <param name="lease">After this time others may take it.</param>
    /// <param name="cancellation">Ends the taking.</param>
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
            claimed.Add(new ClaimedDelivery(
                reader.GetGuid(0),
                reader.GetInt32(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.IsDBNull(5) ? [reader.GetString(4)] : [reader.GetString(4), reader.GetString(5)]));
        }

        return claimed;
    }

    /// <summary>Writes what became of attempts, and how their endpoint does.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Settle(Guid webhook, IReadOnlyList<SettledDelivery> settled, EndpointHealth health, CancellationToken cancellation)
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

        var heal = new NpgsqlBatchCommand(HealthText);
        heal.Parameters.Add(new() { Value = webhook });
        heal.Parameters.Add(new() { Value = health.Failures });
        heal.Parameters.Add(new() { Value = health.Rest });
        heal.Parameters.Add(new() { Value = health.IsGone });
        batch.BatchCommands.Add(heal);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>What waits, by webhook.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<WaitingDeliveries>> GetWaiting(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(WaitingText);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<WaitingDeliveries> waiting = [];
        while (await reader.ReadAsync(cancellation))
        {
            waiting.Add(new WaitingDeliveries(
                reader.GetGuid(0), reader.GetInt64(1), TimeSpan.FromSeconds(reader.GetDouble(2)), reader.GetBoolean(3)));
        }

        return waiting;
    }

    /// <summary>Gives up some of what has waited for longer than this; returns how many.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<int> GiveUpOld(TimeSpan age, int most, CancellationToken cancellation) =>
        Execute(GiveUpOldText, cancellation, new() { Value = age }, new() { Value = (long)most });

    /// <summary>Gives up so many of the oldest that wait for a webhook; returns how many.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public Task<int> GiveUpExcess(Guid webhook, long excess, CancellationToken cancellation) =>
        Execute(GiveUpExcessText, cancellation, new() { Value = webhook }, new() { Value = excess });

    /// <summary>Removes some of what is settled for long enough; returns how many.</summary>
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
