using System.Net;
using Npgsql;
using Sessions.Database.Connections;
using Sessions.Silo.Membership;

namespace Sessions.Host.Database;

/// <summary>
/// Marks dead silos in the membership table, so that new silos need not wait for them. The caller knows for certain
/// that they are dead: the cluster's id belongs to a data directory, and one supervisor at a time holds it. Calling
/// their addresses would not prove it, because another program may use the port by now. Silos on other machines are
/// left alone: the cluster detects their deaths itself.
/// </summary>
internal static class DeadSilos
{
    /// <summary>Marks every silo that the cluster had on this machine as dead. Returns their number.</summary>
    public static Task<int> MarkAllDead(string connectionString, string clusterId, CancellationToken cancel) =>
        MarkDead(connectionString, clusterId, _ => true, cancel);

    /// <summary>Marks every silo of the cluster at this port as dead, whatever its generation.</summary>
    public static Task<int> MarkDeadAt(int port, string connectionString, string clusterId, CancellationToken cancel) =>
        MarkDead(connectionString, clusterId, silo => silo.Port == port, cancel);

    private static async Task<int> MarkDead(
        string connectionString, string clusterId, Func<SiloEntry, bool> isGone, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(connectionString);
        SiloTable table = new(database, clusterId);
        int marked = 0;
        foreach (SiloEntry silo in (await table.NotDead(cancel)).Where(silo => IPAddress.IsLoopback(silo.Address) && isGone(silo)))
        {
            await table.Bury(silo, cancel);
            marked++;
        }

        return marked;
    }
}
