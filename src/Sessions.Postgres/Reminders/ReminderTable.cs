using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace Sessions.Postgres;

/// <summary>
/// Orleans' reminders in Postgres. Devices write theirs together with what else they write, without Orleans' reminder
/// service, which would hold each in memory until it is due. The service asks here every one and a half seconds what is due by now:
/// nearly nothing, because a device that is in memory ends its session, and removes its reminder, before.
/// </summary>
internal sealed class ReminderTable(
    NpgsqlDataSource database,
    ReminderRows reminders,
    IOptions<ClusterOptions> cluster,
    TimeProvider clock,
    ILogger<ReminderTable> log) : IReminderTable
{
    /// <summary>How often it is looked for what is due. What a device that is not in memory waits for at most.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1.5);

    // As many as anybody looks at.
    private const int MostShown = 1_000;

    // After an outage of everything: the rest follows as these end. So many that the service is through before they tick.
    private const int MostDue = 5_000;

    // The service takes a time that has passed for a tick that was missed, and waits for the next period.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // What has come due and was missed, or could not be done, is tried again sooner than the shortest that may be registered.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private static readonly string OfGrain = QueryText.Read("reminders_of_grain.sql");
    private static readonly string Due = QueryText.Read("reminders_due.sql");
    private static readonly string First = QueryText.Read("reminders_first.sql");
    private static readonly string Clear = QueryText.Read("reminders_clear.sql");

    private readonly Lock _lock = new();
    private Task<ReminderTableData?>? _due;
    private bool _isFailing;

    public async Task<string?> UpsertRow(ReminderEntry entry) =>
        (await reminders.Upsert(entry)).ToString(CultureInfo.InvariantCulture);

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        reminders.Remove(grainId, reminderName, int.Parse(eTag, CultureInfo.InvariantCulture));

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Read(OfGrain, new NpgsqlParameter<string> { TypedValue = grainId.ToString() });

    public async Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        if ((begin, end) == (0, uint.MaxValue))
        {
            // No silo owns just this: it is the dashboard, which wants all there is, every ten seconds, to show fifty.
            return await Read(First, new NpgsqlParameter<int> { TypedValue = MostShown });
        }

        // From after the first to the second, over the end of the circle of hashes when the first is not the smaller one.
        if (await DueByNow() is not { } due)
        {
            // The service takes it that nothing has changed, and asks again in a moment. Of a failure it would make an
            // error for each of its ranges, and a pause of a minute.
            return null!;
        }

        DateTime soon = (clock.GetUtcNow() + Soon).UtcDateTime;
        return new ReminderTableData(due.Reminders.Where(entry =>
        {
            uint hash = entry.GrainId.GetUniformHashCode();
            return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
        }).Select(entry => new ReminderEntry
        {
            GrainId = entry.GrainId,
            ReminderName = entry.ReminderName,
            StartAt = soon,
            Period = Again,
            ETag = entry.ETag,
        }));
    }

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await ReadRows(grainId)).Reminders.FirstOrDefault(entry => entry.ReminderName == reminderName);

    public async Task TestOnlyClearTable()
    {
        await using NpgsqlCommand command = database.CreateCommand(Clear);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster.Value.ServiceId });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What is due on any silo. A silo asks for some thirty ranges at a time: they share one statement.</summary>
    /// <returns>Null when it can't be read now.</returns>
    private Task<ReminderTableData?> DueByNow()
    {
        lock (_lock)
        {
            return _due is { IsCompleted: false } due ? due : _due = ReadDue();
        }
    }

    private async Task<ReminderTableData?> ReadDue()
    {
        try
        {
            ReminderTableData due = await Read(
                Due,
                new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
                new NpgsqlParameter<int> { TypedValue = MostDue });
            _isFailing = false;
            return due;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                log.LogError(failure, "It can't be read which reminders are due; it is tried again");
            }

            return null;
        }
    }

    private async Task<ReminderTableData> Read(string statement, params NpgsqlParameter[] asked)
    {
        await using NpgsqlCommand command = database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster.Value.ServiceId });
        command.Parameters.AddRange(asked);
        var entries = new List<ReminderEntry>();
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            entries.Add(new ReminderEntry
            {
                GrainId = GrainId.Parse(rows.GetString(0)),
                ReminderName = rows.GetString(1),
                StartAt = rows.GetDateTime(2),
                Period = TimeSpan.FromMilliseconds(rows.GetInt64(3)),
                ETag = rows.GetInt32(4).ToString(CultureInfo.InvariantCulture),
            });
        }

        return new ReminderTableData(entries);
    }
}
