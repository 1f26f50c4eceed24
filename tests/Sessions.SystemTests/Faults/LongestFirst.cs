using Sessions.SystemTests.Faults;
using Sessions.SystemTests.Harness;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Sessions.SystemTests.Faults;

/// <summary>The lane that takes longest begins first, so that the others run beside it and nobody waits for it alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [
            .. testCollections.OrderBy(collection => collection.TestCollectionDisplayName switch
            {
                Lane.Broken => 0,
                Lane.Own => 1,
                _ => 2,
            }),
        ];
}
