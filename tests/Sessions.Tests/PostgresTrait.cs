using Xunit.v3;

[assembly: CollectionBehavior(typeof(Sessions.Tests.PostgresTrait))]

namespace Sessions.Tests;

/// <summary>
/// Gives the trait <c>Needs=Postgres</c> to each test class whose constructor takes <see cref="TestPostgres"/>, itself or
/// through a fixture, so that <c>./test fast</c> can leave it out. A class that starts a Postgres in another way says so
/// with the attribute. Otherwise as xunit does: each class is a collection, and they run in parallel.
/// </summary>
public sealed class PostgresTrait(IXunitTestAssembly assembly) : CollectionPerClassTestCollectionFactory(assembly)
{
    protected override IXunitTestCollection GetDefaultTestCollection(Type testClass) =>
        NeedsPostgres(testClass)
            ? new XunitTestCollection(TestAssembly, typeof(OnPostgres), false, $"Tests on Postgres of {testClass.FullName}")
            : base.GetDefaultTestCollection(testClass);

    private static bool NeedsPostgres(Type type) => type == typeof(TestPostgres)
        || (type.Assembly == typeof(TestPostgres).Assembly
            && type.GetConstructors().SelectMany(one => one.GetParameters()).Any(one => NeedsPostgres(one.ParameterType)));

    [CollectionDefinition(nameof(OnPostgres))]
    [Trait("Needs", "Postgres")]
    public sealed class OnPostgres;
}
