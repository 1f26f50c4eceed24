using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.TypeSystem;

namespace Sessions.Tests.Client;

/// <summary>
/// The types that are sent between backends, gateways and silos of differing versions, and stored as grain state.
/// <c>wire-contract.txt</c> lists what was released, and those lines stay. New lines may be added with a release; a
/// name or number that was used once is never used for something else. The .NET names of types and members are not in
/// the file: Orleans writes aliases and numbers, so .NET names may change.
/// </summary>
public sealed class WireContractTests
{
    private static readonly Assembly[] OnTheWire = [typeof(SessionEvent).Assembly, typeof(ISessionsClient).Assembly, Assembly.Load("Sessions.Domain"), Assembly.Load("Sessions.Silo")];

    private static readonly string[] Now = [.. Lines()];

    /// <summary>The lines of <c>wire-contract.txt</c>.</summary>
    public static TheoryData<string> Released() => [.. File.ReadAllLines(ApprovedFile()).Where(line => line.Length > 0)];

    [Theory]
    [MemberData(nameof(Released))]
    public void The_released_wire_contract_is_unchanged(string line) => Assert.True(
        Now.Contains(line),
        $"The released line is gone or differs:\n{line}\nThe contract now:\n{string.Join('\n', Now)}");

    [Fact]
    public void Every_type_and_every_method_on_the_wire_has_a_unique_alias()
    {
        Type[] wire = [.. OnTheWire.SelectMany(assembly => assembly.GetTypes()).Where(type => IsSerializable(type) || IsGrainInterface(type))];
        string?[] aliases = [.. wire.Select(AliasOf)];

        Assert.NotEmpty(wire);
        Assert.Empty(wire.Where(type => AliasOf(type) is null).Select(type => type.FullName));
        Assert.Equal(aliases.Distinct(), aliases);
        Assert.Empty(wire.Where(IsGrainInterface).SelectMany(type => type.GetMethods()).Where(method => AliasOf(method) is null).Select(method => $"{method.DeclaringType}.{method.Name}"));
    }

    [Fact]
    public void A_type_is_serialized_under_its_alias_whatever_its_assembly()
    {
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        TypeConverter names = services.GetRequiredService<TypeConverter>();
        ICodecProvider codecs = services.GetRequiredService<ICodecProvider>();
        Type[] wire = [.. OnTheWire.SelectMany(assembly => assembly.GetTypes()).Where(IsSerializable)];

        Assert.Equal(wire.Select(AliasOf), wire.Select(type => names.Format(type)));
        Assert.All(wire, type => Assert.NotNull(codecs.TryGetCodec(type)));
    }

    [Fact]
    public void Every_grain_class_has_a_fixed_type()
    {
        Type[] grains = [.. OnTheWire[^1].GetTypes().Where(type => typeof(Grain).IsAssignableFrom(type) && !type.IsAbstract)];

        Assert.NotEmpty(grains);
        Assert.Empty(grains.Where(grain => grain.GetCustomAttribute<GrainTypeAttribute>() is null).Select(grain => grain.FullName));
    }

    private static IEnumerable<string> Lines() => OnTheWire
        .SelectMany(assembly => assembly.GetTypes())
        .SelectMany(type => IsSerializable(type) ? Members(type) : IsGrainInterface(type) ? Methods(type) : GrainType(type))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        yield return $"{AliasOf(type)} is {(type.IsEnum ? "enum" : type.IsValueType ? "struct" : "class")}";
        if (type.IsEnum)
        {
            foreach (string name in Enum.GetNames(type))
            {
                yield return $"{AliasOf(type)} {Convert.ToInt64(Enum.Parse(type, name)):000} = {name}";
            }
        }

        foreach (MemberInfo member in type.GetMembers(Own).Where(member => member.GetCustomAttribute<IdAttribute>() is not null))
        {
            Type content = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
            yield return $"{AliasOf(type)} {member.GetCustomAttribute<IdAttribute>()!.Id:000}: {NameOf(content)}";
        }
    }

    private static IEnumerable<string> Methods(Type type) =>
    [
        $"{AliasOf(type)} is interface",
        .. type.GetMethods().Select(method =>
            $"{AliasOf(type)}.{AliasOf(method)}({string.Join(", ", method.GetParameters().Select(one => NameOf(one.ParameterType)))}): {NameOf(method.ReturnType)}"),
    ];

    private static IEnumerable<string> GrainType(Type type) =>
        type.GetCustomAttribute<GrainTypeAttribute>() is { } fixedType ? [$"grain type {fixedType.GetGrainType(null!, type)}"] : [];

    private static bool IsSerializable(Type type) => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null;

    private static bool IsGrainInterface(Type type) =>
        type.IsInterface && type.Namespace?.StartsWith("Sessions", StringComparison.Ordinal) == true && typeof(IAddressable).IsAssignableFrom(type);

    private static string? AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias;

    /// <summary>The name on the wire; what has none there, such as a type of .NET's own, goes by its name in .NET.</summary>
    private static string NameOf(Type type) => AliasOf(type) is { } alias ? alias : type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.FullName!;

    private static string ApprovedFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "wire-contract.txt");
}
