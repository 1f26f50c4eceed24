namespace Sessions;

/// <summary>An event of a request that merges two ids of a person.</summary>
/// <param name="Index">The event's index in the request.</param>
/// <param name="Device">The device that takes it.</param>
/// <param name="SessionId">The session id of the event; null when it has none.</param>
/// <param name="DistinctId">Its distinct id.</param>
/// <param name="OtherId">The other id, which the event merges with the distinct id.</param>
internal readonly record struct Merge(int Index, UserDeviceKey Device, string? SessionId, string DistinctId, string OtherId);

/// <summary>
/// Keeps the order of merges in a request that has several devices. The first merge that arrives wins, so the order
/// matters also between devices. Devices whose merges have ids in common are in one lane, and are called one after the
/// other. All other devices are called in parallel.
/// </summary>
internal sealed class MergeLanes
{
    private readonly Dictionary<UserDeviceKey, int> _laneOf = [];
    private readonly HashSet<int> _ordered = [];

    private MergeLanes()
    {
    }

    /// <summary>The number of lanes.</summary>
    public int Count { get; private set; }

    /// <summary>The lanes of a request; null when it needs none.</summary>
    /// <param name="merges">The request's merges, in order.</param>
    public static MergeLanes? Of(IReadOnlyList<Merge> merges)
    {
        if (merges.Count < 2)
        {
            return null;
        }

        Groups<string> people = new();
        foreach (Merge merge in merges)
        {
            people.Join(merge.DistinctId, merge.OtherId);
        }

        MergeLanes lanes = new();
        Groups<UserDeviceKey> devices = new();
        foreach (IGrouping<string, Merge> person in merges.GroupBy(merge => people.Of(merge.DistinctId)))
        {
            Merge first = person.First();
            if (person.All(merge => merge.Device == first.Device && merge.SessionId is not null && merge.SessionId == first.SessionId))
            {
                // One session takes all of these merges in the order of its call. Nearly always there is only one
                // merge.
                continue;
            }

            if (person.Skip(1).Any())
            {
                foreach (Merge merge in person)
                {
                    lanes._ordered.Add(merge.Index);
                    devices.Join(first.Device, merge.Device);
                }
            }
        }

        Dictionary<UserDeviceKey, int> numbers = [];
        foreach (Merge merge in merges.Where(merge => lanes._ordered.Contains(merge.Index)))
        {
            UserDeviceKey group = devices.Of(merge.Device);
            numbers.TryAdd(group, numbers.Count);
            lanes._laneOf[merge.Device] = numbers[group];
        }

        lanes.Count = numbers.Count;
        return lanes.Count == 0 ? null : lanes;
    }

    /// <summary>The device's lane; null when the device is called in parallel with all others.</summary>
    public int? LaneOf(UserDeviceKey device) => _laneOf.TryGetValue(device, out int lane) ? lane : null;

    /// <summary>Whether the event's call must be made before any later call of its lane.</summary>
    public bool IsOrdered(int index) => _ordered.Contains(index);

    /// <summary>Groups of items that were joined directly or through other items.</summary>
    private sealed class Groups<T>
        where T : notnull
    {
        private readonly Dictionary<T, T> _parents = [];

        public void Join(T one, T other) => _parents[Of(one)] = Of(other);

        public T Of(T member)
        {
            while (_parents.TryGetValue(member, out T? parent) && !parent.Equals(member))
            {
                T above = _parents.GetValueOrDefault(parent, parent);
                _parents[member] = above;
                member = above;
            }

            return member;
        }
    }
}
