using System.Net;
using Npgsql;
using Sessions.Postgres.Membership;

namespace Sessions.Host.Database;

/// <summary>
/// Buries silos that did not live to sign off, so that the next ones need not wait for them. Who calls this knows for
/// certain that they are gone: the cluster's name is that of a data directory, which one supervisor holds at a time.
/// Asking their addresses would not do: another program may have come to the port. Of silos on other machines nobody
/// here knows anything: those notice by themselves.
/// </summary>
internal static class DeadSilos
{
    /// <summary>Buries every silo that the cluster had on this machine. Returns how many that were.</summary>
    public static Task<int> BuryAll(string connectionString, string clusterId, CancellationToken cancel) =>
        Bury(connectionString, clusterId, _ => true, cancel);

    /// <summary>Buries whoever was at this port of the cluster, in any of its lives.</summary>
    public static Task<int> BuryAt(int port, string connectionString, string clusterId, CancellationToken cancel) =>
        Bury(connectionString, clusterId, silo => silo.Port == port, cancel);

    private static async Task<int> Bury(
        string connectionString, string clusterId, Func<SiloEntry, bool> isGone, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        SiloTable table = new(database, clusterId);
        int buried = 0;
        foreach (SiloEntry silo in (await table.NotDead(cancel)).Where(silo => IPAddress.IsLoopback(silo.Address) && isGone(silo)))
        {
            await table.Bury(silo, cancel);
            buried++;
        }

        return buried;
    }
}
