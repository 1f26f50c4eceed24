namespace Sessions.Domain.Querying.Hours;

/// <summary>What an <c>$identify</c> event said: this anonymous id is that one.</summary>
public readonly record struct Identity(string AnonymousId, string DistinctId, DateTimeOffset Time, Guid EventId)
{
    internal (DateTimeOffset Time, Guid EventId) When => (Time, EventId);
}

/// <summary>
/// The person behind each id that is somebody else's. An anonymous id is the id that it was identified as first; an id
/// that somebody had been identified as before is nobody's anonymous one any more. It is the rule of the database's
/// <c>tracking.persons_of</c>.
/// </summary>
public static class Persons
{
    /// <summary>The persons by their ids. Ids that are not there are their own person.</summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<Identity> identities)
    {
        Dictionary<string, Identity> firsts = [];
        Dictionary<string, (DateTimeOffset, Guid)> identifiedAs = [];
        foreach (Identity identity in identities)
        {
            if (!firsts.TryGetValue(identity.AnonymousId, out Identity first) || identity.When.CompareTo(first.When) < 0)
            {
                firsts[identity.AnonymousId] = identity;
            }

            if (!identifiedAs.TryGetValue(identity.DistinctId, out var earliest) || identity.When.CompareTo(earliest) < 0)
            {
                identifiedAs[identity.DistinctId] = identity.When;
            }
        }

        Dictionary<string, string> links = [];
        foreach (Identity first in firsts.Values)
        {
            if (!identifiedAs.TryGetValue(first.AnonymousId, out var earliest) || first.When.CompareTo(earliest) <= 0)
            {
                links[first.AnonymousId] = first.DistinctId;
            }
        }

        return Ends(links);
    }

    /// <summary>Where the links lead from each id. From those that lead in a circle they lead nowhere.</summary>
    private static Dictionary<string, string> Ends(Dictionary<string, string> links)
    {
        Dictionary<string, string?> ends = new(links.Count);
        HashSet<string> path = [];
        foreach (string id in links.Keys)
        {
            path.Clear();
            string at = id;
            // Each link is older than the one before it, unless two events share their time and id.
            while (!ends.ContainsKey(at) && links.TryGetValue(at, out string? next) && path.Add(at))
            {
                at = next;
            }

            string? end = ends.TryGetValue(at, out string? known) ? known : path.Contains(at) ? null : at;
            foreach (string passed in path)
            {
                ends[passed] = end;
            }
        }

        return ends.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!);
    }
}
