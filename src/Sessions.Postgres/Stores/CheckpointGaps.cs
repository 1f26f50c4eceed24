using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>Finds rows left behind by the marks that silos renew with every round of checkpoints.</summary>
internal sealed class CheckpointGaps(
    NpgsqlDataSource database, CheckpointWriter checkpoints, IOptions<JournalOptions> options) : ICheckpointGaps
{
    // A mark says when a round began. What it had not seen then was on its way from its receipt to its commit. So this is
    // also how long a silo that fell silent may still commit something.
    private static readonly TimeSpan LongestCommit = TimeSpan.FromMinutes(2);
    private static readonly string FindDead = QueryText.Read("checkpoint_dead_silos.sql");
    private static readonly string FindBehind = QueryText.Read("checkpoint_gaps.sql");
    private static readonly string CloseGap = QueryText.Read("checkpoint_close.sql");

    // Some rounds may fail or be slow before a silo counts as dead. That it lives after all does no harm.
    private double StaleSeconds => Math.Max(6, 4 * options.Value.CheckpointSeconds);

    public async Task<CheckpointGap?> Find()
    {
        try
        {
            var silos = new List<string>();
            DateTimeOffset since = DateTimeOffset.MaxValue, foundAt = default;
            await using (NpgsqlCommand command = database.CreateCommand(FindDead))
            {
                command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = StaleSeconds });
                command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = LongestCommit.TotalSeconds });
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    silos.Add(reader.GetString(0));
                    DateTimeOffset doneUntil = reader.GetFieldValue<DateTimeOffset>(1);
                    since = doneUntil < since ? doneUntil : since;
                    foundAt = reader.GetFieldValue<DateTimeOffset>(2);
                }
            }

            return silos.Count == 0
                ? null
                : new CheckpointGap(silos, foundAt, since - LongestCommit, await Behind(since - LongestCommit));
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new SessionsUnavailableException("Postgres can't be read now.", failure);
        }
    }

    public async Task Close(CheckpointGap gap)
    {
        try
        {
            await checkpoints.Flush();
            if ((await Behind(gap.Since)).Count == 0)
            {
                await using NpgsqlCommand command = database.CreateCommand(CloseGap);
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. gap.Silos] });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = gap.FoundAt });
                command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = LongestCommit.TotalSeconds });
                await command.ExecuteNonQueryAsync();
            }
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new SessionsUnavailableException("Postgres can't be written now.", failure);
        }
    }

    private async Task<IReadOnlyList<SessionKey>> Behind(DateTimeOffset since)
    {
        await using NpgsqlCommand command = database.CreateCommand(FindBehind);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = since });
        var sessions = new List<SessionKey>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            sessions.Add(new SessionKey(reader.GetString(0), reader.GetGuid(1)));
        }

        return sessions;
    }
}
