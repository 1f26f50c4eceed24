using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Silo.Journal;

namespace Sessions.Silo.Checkpoints;

/// <summary>
/// Finds session rows that dead silos left out of date. Each silo renews a mark in Postgres with every round of
/// checkpoints; a silo whose mark is old counts as dead.
/// </summary>
internal sealed class CheckpointGaps(
    NpgsqlDataSource database, CheckpointWriter checkpoints, IOptions<JournalOptions> options)
{
    // A mark says when a round began. Entries that the round did not see may have been anywhere between receipt and
    // commit. This is the longest time between the two, and so also how long a silent silo may still commit something.
    private static readonly TimeSpan LongestCommit = TimeSpan.FromMinutes(2);
    private static readonly string FindDead = SqlFile.Read("checkpoint_dead_silos.sql");
    private static readonly string FindBehind = SqlFile.Read("checkpoint_gaps.sql");
    private static readonly string CloseGap = SqlFile.Read("checkpoint_close.sql");

    // A few rounds may fail or be slow before a silo counts as dead. It does no harm if the silo is still alive.
    private double StaleSeconds => Math.Max(6, 4 * options.Value.CheckpointSeconds);

    /// <summary>Finds the rows that dead silos left out of date; null when there are none.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
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
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Postgres can't be read now.", failure);
        }
    }

    /// <summary>
    /// Closes the gap if no row is out of date any more; otherwise <see cref="Find"/> returns it again. Each silo is
    /// checked once more some minutes later, because it may only have been slow and have written in between.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
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
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Postgres can't be written now.", failure);
        }
    }

    private async Task<IReadOnlyList<OutdatedRow>> Behind(DateTimeOffset since)
    {
        await using NpgsqlCommand command = database.CreateCommand(FindBehind);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = since });
        var rows = new List<OutdatedRow>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(new OutdatedRow(new SessionKey(reader.GetString(0), reader.GetGuid(1)), reader.GetInt32(2)));
        }

        return rows;
    }
}

/// <summary>Session rows that dead silos left out of date.</summary>
/// <param name="Silos">The silos' names.</param>
/// <param name="FoundAt">When the silos were found, by Postgres' clock.</param>
/// <param name="Since">The time from which entries may be missing in the sessions' rows.</param>
/// <param name="Rows">The rows that are behind their journals.</param>
internal sealed record CheckpointGap(
    IReadOnlyList<string> Silos, DateTimeOffset FoundAt, DateTimeOffset Since, IReadOnlyList<OutdatedRow> Rows);

/// <summary>A session's row that lacks entries.</summary>
/// <param name="Session">The session.</param>
/// <param name="Number">The number of the session's last entry.</param>
internal readonly record struct OutdatedRow(SessionKey Session, int Number);
