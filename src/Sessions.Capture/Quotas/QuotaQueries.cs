using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Domain.Quotas;

namespace Sessions.Capture.Quotas;

/// <summary>What the other gateways have taken of a project on a day.</summary>
/// <param name="Project">The project.</param>
/// <param name="Use">What they have taken.</param>
/// <param name="Gateways">How many of them have taken something of late.</param>
public sealed record OtherUse(string Project, QuotaUse Use, int Gateways);

/// <summary>Reads and writes how much gateways have taken of each project.</summary>
public class QuotaQueries(NpgsqlDataSource database)
{
    private static readonly string ExchangeText = SqlFile.Read("quota_exchange.sql");
    private static readonly string DeleteText = SqlFile.Read("quota_uses_delete.sql");

    /// <summary>
    /// Writes what a gateway has taken on a day, as a total, and returns what the others have taken. It may be repeated.
    /// </summary>
    /// <param name="gateway">The gateway's id, which is another after each start.</param>
    /// <param name="day">The day.</param>
    /// <param name="mine">What the gateway has taken, of projects of which that has changed.</param>
    /// <param name="recent">Others count as having traffic if they wrote within this time.</param>
    /// <param name="cancellation">Ends the exchange.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public virtual async Task<IReadOnlyList<OtherUse>> Exchange(
        Guid gateway, DateOnly day, IReadOnlyList<(string Project, QuotaUse Mine)> mine, TimeSpan recent, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ExchangeText);
        command.Parameters.AddWithValue("@gateway", gateway);
        command.Parameters.AddWithValue("@day", day);
        command.Parameters.AddWithValue("@recent", NpgsqlDbType.Interval, recent);
        command.Parameters.AddWithValue("@projects", mine.Select(one => one.Project).ToArray());
        command.Parameters.AddWithValue("@events", mine.Select(one => one.Mine.Events).ToArray());
        command.Parameters.AddWithValue("@bytes", mine.Select(one => one.Mine.Bytes).ToArray());
        List<OtherUse> others = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            others.Add(new OtherUse(reader.GetString(0), new QuotaUse(reader.GetInt64(1), reader.GetInt64(2)), reader.GetInt32(3)));
        }

        return others;
    }

    /// <summary>Deletes the days before a day.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public virtual async Task DeleteBefore(DateOnly oldest, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(DeleteText);
        command.Parameters.AddWithValue("@oldest", oldest);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
