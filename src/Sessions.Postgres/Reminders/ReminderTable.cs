using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace Sessions.Postgres;

/// <summary>
/// Orleans' reminders in Postgres. Devices write theirs together with what else they write, without Orleans' reminder
/// service, which would hold each in memory until it is due. The service asks here every two seconds what is due by now:
/// nearly nothing, because a device that is in memory ends its session, and removes its reminder, before.
/// </summary>
internal sealed class ReminderTable(
    NpgsqlDataSource database, ReminderRows reminders, IOptions<ClusterOptions> cluster, TimeProvider clock) : IReminderTable
{
    /// <summary>How often it is looked for what is due. What a device that is not in memory waits for at most.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    // As many as anybody looks at.
    private const int MostShown = 1_000;

    // After an outage of everything: the rest follows as these end.
    private const int MostDue = 20_000;

    // The service takes a time that has passed for a tick that was missed, and waits for the next one.
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    private static readonly string OfGrain = QueryText.Read("reminders_of_grain.sql");
    private static readonly string Due = QueryText.Read("reminders_due.sql");
    private static readonly string First = QueryText.Read("reminders_first.sql");
    private static readonly string Clear = QueryText.Read("reminders_clear.sql");

    private readonly Lock _lock = new();
    private Task<ReminderTableData>? _due;

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
        ReminderTableData due = await DueByNow();
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
            Period = entry.Period,
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
    private Task<ReminderTableData> DueByNow()
    {
        lock (_lock)
        {
            return _due is { IsCompleted: false } due
                ? due
                : _due = Read(
                    Due,
                    new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
                    new NpgsqlParameter<int> { TypedValue = MostDue });
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
