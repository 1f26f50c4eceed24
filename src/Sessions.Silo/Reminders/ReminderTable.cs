using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Database;

namespace Sessions.Silo.Reminders;

/// <summary>
/// Orleans' reminders in Postgres. Devices write their reminders in their own transactions and bypass Orleans' reminder
/// service, which would hold each reminder in memory until it is due. Every 1.5 seconds the service reads the reminders
/// that are due from this table. There are few, because a device that is in memory ends its session and removes its
/// reminder before.
/// </summary>
internal sealed partial class ReminderTable(
    NpgsqlDataSource database,
    ReminderRows reminders,
    IOptions<ClusterOptions> cluster,
    TimeProvider clock,
    ILogger<ReminderTable> log) : IReminderTable
{
    /// <summary>
    /// The interval at which due reminders are read, and so the longest delay of a reminder whose device is not in
    /// memory.
    /// </summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1.5);

    // The dashboard shows far fewer than this.
    private const int MostShown = 1_000;

    // After a long outage many reminders are due; the others follow when these are done. The service can register this
    // many before they tick.
    private const int MostDue = 5_000;

    // For a time in the past, the service would assume a missed tick and wait for the next period. So due reminders get
    // a time shortly ahead.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // The period after which a due reminder ticks again when its first tick was missed or failed. Shorter than Orleans'
    // minimum for registered reminders.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private static readonly string OfGrain = SqlFile.Read("reminders_of_grain.sql");
    private static readonly string Due = SqlFile.Read("reminders_due.sql");
    private static readonly string First = SqlFile.Read("reminders_first.sql");
    private static readonly string Clear = SqlFile.Read("reminders_clear.sql");

    private readonly Lock _lock = new();
    private readonly Outage _outage = new();
    private Task<ReminderTableData?>? _due;

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
            // No silo owns exactly this range. The dashboard reads it, every ten seconds, and shows fifty reminders.
            return await Read(First, new NpgsqlParameter<int> { TypedValue = MostShown });
        }

        // The range excludes its begin and includes its end. It wraps around zero when the begin is not smaller than
        // the end.
        if (await DueByNow() is not { } due)
        {
            // On null the service assumes that nothing has changed and reads again in a moment. On an exception it
            // would log an error for each of its ranges and pause for a minute.
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

    /// <summary>
    /// Reads the due reminders of all silos. A silo asks for about thirty ranges at the same time; they share one
    /// statement.
    /// </summary>
    /// <returns>Null when Postgres is away.</returns>
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
            if (_outage.End())
            {
                LogUp();
            }

            return due;
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            if (_outage.Begin())
            {
                LogDown(failure);
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

    [LoggerMessage(1020, LogLevel.Error, "The reminders that are due can't be read now. The silo tries again in a moment. Until then sessions of devices that "
        + "are not in memory end late. Check that Postgres runs.")]
    private partial void LogDown(Exception failure);

    [LoggerMessage(1021, LogLevel.Information, "The reminders that are due are read again.")]
    private partial void LogUp();
}
