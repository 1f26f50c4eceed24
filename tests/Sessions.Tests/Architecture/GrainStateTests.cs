using System.Reflection;

namespace Sessions.Tests.Architecture;

/// <summary>
/// Orleans' relational grain storage finds a state by its name and its grain's key alone, and reads a key that looks
/// like a hexadecimal number as a number. So two grain classes, or two keys, could share a row.
/// </summary>
public sealed class GrainStateTests
{
    private static readonly Type[] GrainClasses =
        [.. Assembly.Load("Sessions.Silo").GetTypes().Where(type => typeof(Grain).IsAssignableFrom(type) && !type.IsAbstract)];

    [Fact]
    public void Each_grain_class_has_a_state_name_of_its_own()
    {
        string[] names = [.. GrainClasses.SelectMany(StateNames)];

        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, name => Assert.Matches(@"^[a-z-]+\.v\d+$", name));
    }

    [Theory]
    [InlineData("deadbeef")]
    [InlineData("0012")]
    [InlineData("a1b2c3d4e5f60718293a4b5c6d7e8f90")]
    public void A_key_of_a_grain_with_state_never_looks_like_a_number(string project)
    {
        string key = ProjectKey.Create(project);

        Assert.Contains(key, c => c != '-' && !char.IsAsciiHexDigit(c));
        Assert.Equal(project, ProjectKey.Parse(key));
        Assert.Equal("Sessions.Silo.Projects.ProjectGrain", Assert.Single(GrainClasses, type => StateNames(type).Any()).FullName);
    }

    private static IEnumerable<string> StateNames(Type grain) => grain.GetConstructors()
        .SelectMany(constructor => constructor.GetParameters())
        .Select(parameter => parameter.GetCustomAttribute<PersistentStateAttribute>()?.StateName)
        .OfType<string>();
}
