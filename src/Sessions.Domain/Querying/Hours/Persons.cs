using Sessions.Domain.Persons;

namespace Sessions.Domain.Querying.Hours;

/// <summary>A merge of two ids, from an event.</summary>
/// <param name="AnonymousId">
/// The anonymous id, or the alias. Equal to the distinct id when the event had no other id.
/// </param>
/// <param name="DistinctId">The id into which it is merged.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="Arrived">The merge's place in the order in which the server received merges.</param>
public readonly record struct Identity(string AnonymousId, string DistinctId, MergeKind Kind, long Arrived);

/// <summary>
/// Finds the person of each id. An <c>$identify</c> or <c>$create_alias</c> merges an id that no earlier event has
/// named; a <c>$merge_dangerously</c> merges any id. The SQL function <c>tracking.persons_of</c> has the same rule.
/// Merges may be added in any order, and more than once. Ids are represented by their visitors' numbers.
/// </summary>
internal sealed class Persons(VisitorNumbers visitors)
{
    // About two entries of a dictionary and a link.
    private const int BytesOfIdentity = 250;

    // The first merge of each id, on either side.
    private readonly Dictionary<int, First> _firsts = [];
    private readonly HashSet<(int One, int Other)> _dangerous = [];
    private int[]? _personOf;

    /// <summary>The approximate size in bytes of memory.</summary>
    public long Bytes => ((long)(_firsts.Count + _dangerous.Count) * BytesOfIdentity) + ((_personOf?.Length ?? 0) * sizeof(int));

    /// <summary>
    /// The person of each visitor, by the visitors' numbers. Visitors beyond the end are their own persons.
    /// </summary>
    public int[] PersonOf => _personOf ??= People();

    /// <summary>Adds a merge.</summary>
    public void Add(Identity identity)
    {
        int anonymous = visitors.Hold(VisitorDigest.Of(identity.AnonymousId));
        int distinct = visitors.Hold(VisitorDigest.Of(identity.DistinctId));
        bool links = identity.Kind != MergeKind.Dangerous && anonymous != distinct;
        Note(anonymous, new First(identity.Arrived, links ? distinct : null));
        Note(distinct, new First(identity.Arrived, null));
        if (identity.Kind == MergeKind.Dangerous && anonymous != distinct && _dangerous.Add((anonymous, distinct)))
        {
            _personOf = null;
        }
    }

    /// <summary>Removes all merges.</summary>
    public void Clear()
    {
        foreach (int id in _firsts.Keys)
        {
            visitors.Release(id);
        }

        _firsts.Clear();
        _dangerous.Clear();
        _personOf = null;
    }

    /// <summary>Records an id's first merge, which holds a reference to the id's number.</summary>
    private void Note(int id, First said)
    {
        bool isKnown = _firsts.TryGetValue(id, out First known);
        if (isKnown)
        {
            visitors.Release(id);
        }

        if (!isKnown || said.Arrived < known.Arrived)
        {
            _firsts[id] = said;
            _personOf = null;
        }
    }

    private int[] People()
    {
        int[] people = [.. Enumerable.Range(0, _firsts.Count == 0 ? 0 : visitors.Limit)];
        foreach ((int id, First first) in _firsts)
        {
            if (first.Person is { } person)
            {
                people[RootOf(people, id)] = RootOf(people, person);
            }
        }

        foreach ((int one, int other) in _dangerous)
        {
            people[RootOf(people, one)] = RootOf(people, other);
        }

        for (int id = 0; id < people.Length; id++)
        {
            people[id] = RootOf(people, id);
        }

        return people;
    }

    private static int RootOf(int[] people, int id)
    {
        while (people[id] != id)
        {
            people[id] = people[people[id]];
            id = people[id];
        }

        return id;
    }

    /// <summary>The first merge of an id.</summary>
    /// <param name="Arrived">The merge's place in the order of arrival.</param>
    /// <param name="Person">
    /// The person into which the id was merged; null when the merge named it as the identified id, or was a
    /// <c>$merge_dangerously</c>.
    /// </param>
    private readonly record struct First(long Arrived, int? Person);
}
