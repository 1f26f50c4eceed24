using Npgsql;
using Sessions.Domain.Persons;

namespace Sessions.Tests.Queries;

/// <summary>A merge of two ids, from an event.</summary>
/// <param name="AnonymousId">
/// The anonymous id, or the alias. Equal to the distinct id when the event had no other id.
/// </param>
/// <param name="DistinctId">The id into which it is merged.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="Arrived">The merge's place in the order in which the server received merges.</param>
internal readonly record struct Identity(string AnonymousId, string DistinctId, MergeKind Kind, long Arrived);

/// <summary>Rows that say who is whom, as events leave them in the database.</summary>
internal static class SaidIdentity
{
    /// <summary>Adds one. It is the last to arrive; by its sender's clock it happened at any time.</summary>
    public static async Task Add(NpgsqlDataSource database, string project, string anonymous, string distinct, MergeKind kind)
    {
        if (anonymous == distinct && kind != MergeKind.Identify)
        {
            return;
        }

        await using NpgsqlCommand insert = database.CreateCommand(
            """
            insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born, kind)
            values ($1, $2, $3, now() - random() * interval '1 day', gen_random_uuid(), '2026-01-15', $4)
            """);
        foreach (object value in new object[] { project, anonymous, distinct, (short)kind })
        {
            insert.Parameters.Add(new() { Value = value });
        }

        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>All of a project.</summary>
    public static async Task<List<Identity>> All(NpgsqlDataSource database, string project)
    {
        await using NpgsqlCommand read = database.CreateCommand(
            "select anonymous_id, distinct_id, kind, arrived from tracking.identities where project = $1");
        read.Parameters.Add(new() { Value = project });
        List<Identity> identities = [];
        await using NpgsqlDataReader reader = await read.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            identities.Add(new Identity(reader.GetString(0), reader.GetString(1), (MergeKind)reader.GetInt16(2), reader.GetInt64(3)));
        }

        return identities;
    }
}
