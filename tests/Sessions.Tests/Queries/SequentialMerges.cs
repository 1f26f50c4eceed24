using Sessions.Domain.Persons;

namespace Sessions.Tests.Queries;

/// <summary>
/// Persons as PostHog documents their making: one event after the other, with persons that are identified for good once they
/// were the target of a merge. It shares nothing with the product.
/// </summary>
internal static class SequentialMerges
{
    /// <summary>The persons of more than one id, each as its ids.</summary>
    public static string[] Of(IEnumerable<Identity> identities)
    {
        List<HashSet<string>> persons = [];
        HashSet<string> identified = [];
        foreach (Identity said in identities.OrderBy(one => one.Arrived))
        {
            HashSet<string> source = PersonOf(said.AnonymousId), target = PersonOf(said.DistinctId);
            if (source != target && (said.Kind == MergeKind.Dangerous || !source.Overlaps(identified)))
            {
                target.UnionWith(source);
                persons.Remove(source);
            }

            identified.Add(said.DistinctId);
        }

        return Shown(persons);

        HashSet<string> PersonOf(string id)
        {
            if (persons.Find(person => person.Contains(id)) is not { } found)
            {
                persons.Add(found = [id]);
            }

            return found;
        }
    }

    /// <summary>Those of more than one id, in an order.</summary>
    public static string[] Shown(IEnumerable<IEnumerable<string>> persons) =>
    [
        .. persons.Where(person => person.Skip(1).Any())
            .Select(person => string.Join(' ', person.Order(StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal),
    ];
}
