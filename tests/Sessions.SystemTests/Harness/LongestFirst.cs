using Sessions.SystemTests.Harness;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Sessions.SystemTests.Harness;

/// <summary>The lanes that take longest begin first, so that the others run beside them and nobody waits for them alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [
            .. testCollections.OrderBy(collection => collection.TestCollectionDisplayName switch
            {
                Lane.Broken or Lane.Started or Lane.Killed => 0,
                Lane.Shared => 1,
                _ => 2,
            }),
        ];
}
