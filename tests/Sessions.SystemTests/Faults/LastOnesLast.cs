using Xunit.Sdk;
using Xunit.v3;

namespace Sessions.SystemTests.Faults;

/// <summary>Tests whose names begin with "At the end" come last; the others in no particular order.</summary>
public sealed class LastOnesLast : ITestCaseOrderer
{
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. testCases.OrderBy(test => test.TestMethod?.MethodName.StartsWith("At_the_end", StringComparison.Ordinal))];
}
